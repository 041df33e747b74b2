use std::fmt;

/// An amount in minor units: 1250 is 12.50 EUR. Never zero, never a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// The most that `CB` can carry: 12 digits.
    pub const MAX: u64 = 999_999_999_999;

    /// An amount of 1 to [`Self::MAX`] minor units.
    pub fn new(minor: u64) -> Option<Amount> {
        (1..=Amount::MAX).contains(&minor).then_some(Amount(minor))
    }

    /// The number of minor units.
    pub fn minor(self) -> u64 {
        self.0
    }

    /// The value of `CB`: at least two digits, so 5 cents are `05`.
    pub fn digits(self) -> String {
        format!("{:02}", self.0)
    }
}

/// A currency of ISO 4217 in which something can be paid.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro.
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);

    /// A currency from its three letters; `None` for what is no money, such as gold.
    pub fn from_letters(letters: &str) -> Option<Currency> {
        let currency = iso_currency::Currency::from_code(letters)?;
        currency.exponent().map(|_| Currency(currency))
    }

    /// The three letters.
    pub fn letters(self) -> &'static str {
        self.0.code()
    }

    /// The value of `CE`: three digits, leading zeros kept.
    pub fn digits(self) -> String {
        format!("{:03}", self.0.numeric())
    }

    /// How many decimals the minor unit stands for: 2 for EUR, 0 for XPF, 3 for TND.
    pub fn decimals(self) -> usize {
        usize::from(self.0.exponent().unwrap_or_default())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters())
    }
}

/// Reads an amount as people type it, `12.50` or `12,5` or `12`, without ever
/// going through a float. `None` when it has too many decimals or is no amount.
pub fn read(text: &str, currency: Currency) -> Option<Amount> {
    let (units, cents) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let decimals = currency.decimals();
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if units.is_empty() || cents.len() > decimals || !digits_only(units) || !digits_only(cents) {
        return None;
    }
    Amount::new(format!("{units}{cents:0<decimals$}").parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(letters: &str) -> Currency {
        Currency::from_letters(letters).unwrap()
    }

    #[test]
    fn an_amount_is_one_to_twelve_digits() {
        assert_eq!(Amount::new(0), None);
        assert_eq!(Amount::new(5).unwrap().digits(), "05");
        assert_eq!(Amount::new(Amount::MAX).unwrap().digits(), "999999999999");
        assert_eq!(Amount::new(Amount::MAX + 1), None);
    }

    #[test]
    fn numeric_codes_keep_their_zeros() {
        assert_eq!(currency("BHD").digits(), "048");
        assert_eq!(currency("EUR").digits(), "978");
        assert_eq!(currency("XPF").digits(), "953");
    }

    #[test]
    fn gold_and_nonsense_are_no_currencies() {
        for letters in ["XAU", "XXX", "eur", "EURO", "", "ZZZ"] {
            assert_eq!(Currency::from_letters(letters), None, "{letters}");
        }
    }

    #[test]
    fn amounts_are_read_without_floats() {
        let eur = |text| read(text, Currency::EUR).map(Amount::minor);
        assert_eq!(eur("12.50"), Some(1250));
        assert_eq!(eur("12,5"), Some(1250));
        assert_eq!(eur("12"), Some(1200));
        assert_eq!(eur("0.29"), Some(29));
        assert_eq!(read("1000", currency("XPF")).map(Amount::minor), Some(1000));
        for text in ["", "0", "0.00", "-1", "1.234", ".5", "1e3", "1 000", "12.5.0", "+3"] {
            assert_eq!(eur(text), None, "{text}");
        }
    }
}
