/// A web origin: scheme, host, and port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// An origin as people write it: `https://shop.example`, a final `/` forgiven.
    /// `None` for anything with a path, a wildcard, no scheme, or too long for a host.
    pub fn new(text: &str) -> Option<Origin> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (scheme, host) = text.split_once("://")?;
        let own_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let host = host.strip_suffix(own_port).unwrap_or(host);
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        let good = (1..=253 + 6).contains(&host.len()) && host.bytes().all(legal);
        good.then(|| Origin(format!("{scheme}://{host}")))
    }

    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_in_many_ways_and_compared_in_one() {
        for same in ["https://Shop.Example", "https://shop.example/", "https://shop.example:443"] {
            assert_eq!(Origin::new(same), Origin::new("https://shop.example"), "{same}");
        }
        assert_ne!(Origin::new("http://shop.example"), Origin::new("https://shop.example"));
        for no in ["null", "shop.example", "https://", "https://a/b", "https://*", "file://x", ""] {
            assert_eq!(Origin::new(no), None, "{no}");
        }
    }
}
