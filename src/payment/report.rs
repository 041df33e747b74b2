/// Why the terminal did not do it: `AF`, the two characters and what may follow.
///
/// The first two characters decide; matching the whole text once turned every
/// extended report into "unknown error".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The first two characters.
    pub code: String,
    /// CB2A field 39, the answer of the card's bank.
    pub issuer_code: Option<String>,
    /// CB2A field 44, the bank's message for the shop; or whatever the
    /// terminal wrote instead of a report.
    pub message: Option<String>,
}

impl Report {
    /// Reads `AF`: 2 to 50 characters, extended to 29 by CB applications.
    pub fn read(af: &str) -> Report {
        let part = |from: usize, length: usize| {
            let text: String = af.chars().skip(from).take(length).collect();
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let code: String = af.chars().take(2).collect();
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            // Some programs write a sentence where the code belongs.
            return Report { code: "00".into(), issuer_code: None, message: part(0, 50) };
        }
        Report { code, issuer_code: part(2, 2), message: part(4, 21) }
    }

    /// Whether it may stand beside "done": absent, unknown, or authorised (PayXpert).
    pub fn agrees_with_done(&self) -> bool {
        matches!(self.code.as_str(), "00" | "01")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_report_is_read_by_its_offsets() {
        let report = Report::read("04148HOLDER INVALID          ");
        assert_eq!(report.code, "04");
        assert_eq!(report.issuer_code.as_deref(), Some("14"));
        assert_eq!(report.message.as_deref(), Some("8HOLDER INVALID"));
    }

    #[test]
    fn a_sentence_in_place_of_a_code_is_shown() {
        let report = Report::read("Carte refusée");
        assert_eq!(report.code, "00");
        assert_eq!(report.message.as_deref(), Some("Carte refusée"));
    }
}
