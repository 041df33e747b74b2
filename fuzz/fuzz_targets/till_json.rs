//! Whatever a till sends: never a panic, what is understood means the same when
//! it is written again, and what is refused is refused in a short sentence.

#![no_main]

use caisse_relay::till::{Bad, parse};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn is_one_short_line(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(message) => {
            let written = serde_json::to_string(&message).expect("a message can be written");
            assert_eq!(parse(&written).as_ref(), Ok(&message));
            let mut with_more: Value = serde_json::from_str(&written).expect("it is JSON");
            let fields = with_more.as_object_mut().expect("it is an object");
            fields.insert("more".into(), true.into());
            assert!(parse(&with_more.to_string()).is_err(), "an unknown field is refused");
        }
        Err(Bad { to, id, detail, .. }) => {
            assert!(is_one_short_line(&to, 64) && is_one_short_line(&detail, 300));
            assert!(id.is_none_or(|id| is_one_short_line(&id, 64)));
        }
    }
});
