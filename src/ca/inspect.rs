//! A certificate looked at from outside: without its key, and changing nothing.

use super::leaf::{CHAIN, names_of};
use super::{Names, system_time};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is for.
    pub names: Names,
    /// When it begins.
    pub not_before: SystemTime,
    /// When it ends.
    pub not_after: SystemTime,
}

/// The relay's certificate in the authority's folder; nothing before the first start.
///
/// # Errors
/// When it is there and cannot be read, in words.
pub fn inspect(folder: &Path) -> Result<Option<Inspected>, String> {
    inspect_file(&folder.join(CHAIN))
}

/// The first certificate of a PEM file; nothing where there is no such file.
///
/// # Errors
/// When it is there and cannot be read, in words.
pub fn inspect_file(file: &Path) -> Result<Option<Inspected>, String> {
    let said = |error: String| format!("{}: {error}", file.display());
    let pem = match fs::read(file) {
        Ok(pem) => pem,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(said(error.to_string())),
    };
    let certificate =
        CertificateDer::from_pem_slice(&pem).map_err(|error| said(error.to_string()))?;
    let (_, parsed) =
        X509Certificate::from_der(&certificate).map_err(|error| said(error.to_string()))?;
    let validity = parsed.validity();
    Ok(Some(Inspected {
        names: names_of(&parsed).map_err(said)?,
        not_before: system_time(validity.not_before.to_datetime()),
        not_after: system_time(validity.not_after.to_datetime()),
    }))
}
