use semver::Version;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A newer relay, or this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its version.
    pub version: Version,
    /// When it was made known.
    pub published: OffsetDateTime,
    /// What is new, in French and in English.
    pub notes: (String, String),
    /// The package of each platform: `linux-x86_64`, `windows-x86_64`, `macos-aarch64` …
    pub packages: BTreeMap<String, Package>,
}

/// What to install.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Package {
    /// Where it is.
    pub url: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

#[derive(Deserialize)]
struct Typed {
    version: Version,
    #[serde(with = "time::serde::rfc3339")]
    published: OffsetDateTime,
    #[serde(default)]
    notes: Notes,
    packages: BTreeMap<String, Package>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Notes {
    fr: String,
    en: String,
}

impl Manifest {
    /// Reads one; what is new in a later format is left out.
    pub(super) fn parse(bytes: &[u8]) -> Result<Manifest, String> {
        let typed: Typed = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        for (platform, Package { url, sha256 }) in &typed.packages {
            let plain = |text: &str| text.chars().all(|char| char.is_ascii_graphic());
            if !url.starts_with("https://") || !plain(url) || !plain(platform) {
                return Err(format!("{platform:?}: {url:?} is no https address"));
            }
            if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("{platform:?}: {sha256:?} is no SHA-256"));
            }
        }
        let Typed { version, published, notes, packages } = typed;
        // They are shown on a terminal, which has codes of its own.
        let shown = |text: String| text.replace(|char: char| char.is_control() && char != '\n', "");
        Ok(Manifest { version, published, notes: (shown(notes.fr), shown(notes.en)), packages })
    }

    /// Whether it was made known before that one, which was seen.
    pub(super) fn is_before(&self, seen: &Manifested) -> bool {
        self.published < seen.published || self.version < seen.version
    }

    /// The package for this program's platform.
    pub fn package(&self) -> Option<&Package> {
        self.packages.get(&platform())
    }

    /// What is remembered of it.
    pub(super) fn seen(&self) -> Manifested {
        Manifested { version: self.version.clone(), published: self.published }
    }
}

/// This program's platform, as a manifest names it.
pub fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// What is remembered of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifested {
    pub(super) version: Version,
    pub(super) published: OffsetDateTime,
}

impl Manifested {
    /// Reads what [`Self::to_string`] writes.
    pub(super) fn parse(text: &str) -> Option<Manifested> {
        let (version, published) = text.trim().split_once(' ')?;
        Some(Manifested {
            version: Version::parse(version).ok()?,
            published: OffsetDateTime::parse(published, &Rfc3339).ok()?,
        })
    }
}

impl std::fmt::Display for Manifested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let published = self.published.format(&Rfc3339).unwrap_or_default();
        write!(f, "{} {published}", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_still_read_with_care() {
        let text = |url: &str, sha256: &str| {
            format!(
                r#"{{"version":"1.2.3","published":"2026-11-23T10:00:00Z","later":1,
                "notes":{{"fr":"a\u001b[2Jb\nc"}},
                "packages":{{"linux-x86_64":{{"url":"{url}","sha256":"{sha256}"}}}}}}"#
            )
        };
        let sha256 = "ab".repeat(32);
        let manifest = Manifest::parse(text("https://a.example/x", &sha256).as_bytes()).unwrap();
        assert_eq!(manifest.notes, ("a[2Jb\nc".into(), String::new()));
        assert_eq!(Manifested::parse(&manifest.seen().to_string()), Some(manifest.seen()));
        for (url, sha256) in
            [("http://a.example/x", sha256.as_str()), ("https://a b", &sha256), ("https://a", "ab")]
        {
            Manifest::parse(text(url, sha256).as_bytes()).unwrap_err();
        }
        Manifest::parse(b"{}").unwrap_err();
    }
}
