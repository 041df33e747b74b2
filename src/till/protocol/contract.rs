//! The published contract is made from the types: `web-client/protocol.schema.json`
//! and `web-client/asyncapi.json`. `UPDATE_CONTRACT=1 cargo test contract` writes them.

use super::{RelayToTill, SUB_PROTOCOL, TillToRelay};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// The definitions of both directions, with references under `path`.
fn definitions(path: &'static str) -> Map<String, Value> {
    let settings =
        SchemaSettings::draft07().with(|settings| settings.definitions_path = path.into());
    let mut generator = SchemaGenerator::new(settings);
    generator.subschema_for::<TillToRelay>();
    generator.subschema_for::<RelayToTill>();
    generator.take_definitions(true)
}

fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": SUB_PROTOCOL,
        "description": "Every text frame of the browser protocol of Caisse Relay, in both directions.",
        "anyOf": [
            { "$ref": "#/definitions/TillToRelay" },
            { "$ref": "#/definitions/RelayToTill" },
        ],
        "definitions": definitions("/definitions"),
    })
}

/// The messages of one direction: the variants of its enum, by their `type`.
fn messages(schemas: &Map<String, Value>, direction: &str) -> Vec<(String, Value)> {
    let variants = schemas[direction]["oneOf"].as_array().unwrap();
    let message = |variant: &Value| {
        let kind = variant["properties"]["type"]["const"].as_str().unwrap();
        let summary = variant["description"].as_str().unwrap();
        (kind.to_owned(), json!({ "name": kind, "summary": summary, "payload": variant }))
    };
    variants.iter().map(message).collect()
}

fn asyncapi() -> Value {
    let mut schemas = definitions("/components/schemas");
    let mut channel = Map::new();
    let mut operations = Map::new();
    for (direction, action) in [("TillToRelay", "receive"), ("RelayToTill", "send")] {
        let mut references = Vec::new();
        for (kind, message) in messages(&schemas, direction) {
            let key = format!("{direction}.{kind}");
            references.push(json!({ "$ref": format!("#/channels/till/messages/{key}") }));
            channel.insert(key, message);
        }
        let operation = json!({
            "action": action,
            "channel": { "$ref": "#/channels/till" },
            "messages": references,
        });
        operations.insert(direction.into(), operation);
    }
    schemas.retain(|name, _| name != "TillToRelay" && name != "RelayToTill");
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Caisse Relay",
            "version": "1.0.0",
            "description": "What a till and the relay say to each other. PROTOCOL.md has the rules.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:9443",
                "protocol": "wss",
                "description": "The relay on this computer; 9444 answers too.",
            },
        },
        "channels": {
            "till": {
                "address": "/till",
                "description": format!("One WebSocket with the sub-protocol {SUB_PROTOCOL}."),
                "messages": channel,
            },
        },
        "operations": operations,
        "components": { "schemas": schemas },
    })
}

fn check(file: &str, contract: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web-client").join(file);
    let text = serde_json::to_string_pretty(contract).unwrap() + "\n";
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == text,
        "web-client/{file} is not what the types say; run UPDATE_CONTRACT=1 cargo test contract"
    );
}

#[test]
fn the_published_schema_is_what_the_types_say() {
    check("protocol.schema.json", &schema());
}

#[test]
fn the_published_asyncapi_is_what_the_types_say() {
    check("asyncapi.json", &asyncapi());
}
