//! The codes of the protocol that people see, with their names.

use super::Lang;
use crate::payment::Report;

/// `AF`, compléments de statut (caisse-ap.md 4.2): code, French, English.
const LABELS: [(&str, &str, &str); 14] = [
    ("00", "Cause inconnue", "Unknown cause"),
    ("01", "Transaction autorisée", "Transaction authorised"),
    ("02", "Appel phonie demandé par la banque", "The bank wants a telephone call"),
    ("03", "Forçage", "Forced authorisation"),
    ("04", "Refusée", "Refused"),
    ("05", "Interdite pour cette carte", "Forbidden for this card"),
    ("06", "Abandon du client", "Abandoned by the customer"),
    ("07", "Non aboutie", "Not completed"),
    ("08", "Délai de saisie dépassé", "Nobody presented a card in time"),
    ("09", "Demande mal formée pour ce terminal", "Request malformed for this terminal"),
    ("10", "Erreur de sélection", "Selection error"),
    ("11", "Abandon sur le terminal", "Abandoned on the terminal"),
    ("12", "Opération inconnue de ce terminal", "Operation unknown to this terminal"),
    ("13", "Devise refusée par ce terminal", "Currency not supported by this terminal"),
];

/// What a report means; its code where nobody published the meaning.
pub fn report(report: &Report, lang: Lang) -> String {
    let row = LABELS.iter().find(|(code, ..)| *code == report.code);
    row.map_or_else(
        || format!("Code {}", report.code),
        |(_, french, english)| lang.pick(*french, *english).to_owned(),
    )
}

/// `CC`, applications de paiement (caisse-ap.md 4.3): code, French, English.
const APPLICATIONS: [(&str, &str, &str); 37] = [
    ("000", "Indifférent", "Any"),
    ("001", "CB contact", "CB chip"),
    ("002", "American Express contact", "American Express chip"),
    ("003", "CB Enseigne", "CB Enseigne"),
    ("004", "Cetelem", "Cetelem"),
    ("005", "Cofinoga", "Cofinoga"),
    ("006", "Diners Club", "Diners Club"),
    ("007", "Pass", "Pass"),
    ("008", "Franfinance", "Franfinance"),
    ("009", "JCB", "JCB"),
    ("00A", "Banque Accord EMV", "Banque Accord EMV"),
    ("00B", "CB sans contact", "CB contactless"),
    ("00C", "Chèque", "Cheque"),
    ("00D", "American Express sans contact", "American Express contactless"),
    ("00E", "CONECS contact", "CONECS chip"),
    ("00F", "DCC", "DCC"),
    ("00G", "QuickPass", "QuickPass"),
    ("00I", "CPEI-EMV", "CPEI-EMV"),
    ("00S", "Sofinco / carte enseigne", "Sofinco / store card"),
    ("00U", "UPI", "UPI"),
    ("00V", "ANCV", "ANCV"),
    ("101", "CB vente à distance", "CB mail or telephone order"),
    ("10E", "CONECS sans contact", "CONECS contactless"),
    ("201", "Quasi-cash", "Quasi-cash"),
    ("301", "PLBS", "PLBS"),
    ("30F", "PLBS-DCC-GB", "PLBS-DCC-GB"),
    ("401", "Optalion (LCL)", "Optalion (LCL)"),
    ("501", "Cash-Agence", "Cash-Agence"),
    ("601", "PNF", "PNF"),
    ("602", "P3F", "P3F"),
    ("603", "Optalion", "Optalion"),
    ("604", "Préauto-CM", "Preauto-CM"),
    ("605", "PRCME", "PRCME"),
    ("607", "Paiement par QR code", "QR code payment"),
    ("608", "TOP3-3XCB", "TOP3-3XCB"),
    ("609", "PNF-HPS", "PNF-HPS"),
    ("701", "PPFCA (Crédit Agricole)", "PPFCA (Crédit Agricole)"),
];

/// The name of a payment application; the code itself where it is not known.
pub fn application(code: &str, lang: Lang) -> String {
    named(&APPLICATIONS, code, lang)
}

/// `CI`, modes de lecture: code, French, English.
const READ_MODES: [(&str, &str, &str); 5] = [
    ("0", "Indifférent", "Any"),
    ("1", "Puce", "Chip"),
    ("2", "Sans contact", "Contactless"),
    ("3", "Piste", "Magnetic stripe"),
    ("4", "Saisie manuelle", "Typed"),
];

/// How the card was read; the code itself where it is not known.
pub fn read_mode(code: &str, lang: Lang) -> String {
    named(&READ_MODES, code, lang)
}

fn named(table: &[(&str, &str, &str)], code: &str, lang: Lang) -> String {
    let row = table.iter().find(|(known, ..)| *known == code);
    row.map_or(code, |(_, french, english)| lang.pick(french, english)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_nobody_published_are_shown_raw() {
        assert_eq!(report(&Report::read("42"), Lang::En), "Code 42");
        assert_eq!(report(&Report::read("04148"), Lang::Fr), "Refusée");
        assert_eq!(application("0ZZ", Lang::Fr), "0ZZ");
        assert_eq!(read_mode("9", Lang::Fr), "9");
    }

    #[test]
    fn tables_are_sorted_and_complete_in_both_languages() {
        for table in [&LABELS[..], &APPLICATIONS[..], &READ_MODES[..]] {
            assert!(table.is_sorted_by_key(|(code, ..)| *code));
            assert!(table.iter().all(|(_, fr, en)| !fr.is_empty() && !en.is_empty()));
        }
    }
}
