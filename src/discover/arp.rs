//! The system's table of neighbours.

use std::net::IpAddr;

/// The neighbour was asked and has answered.
#[cfg(any(target_os = "linux", test))]
const COMPLETE: u32 = 2;

/// The hardware address of a neighbour, from the text of Linux's `/proc/net/arp`.
#[cfg(any(target_os = "linux", test))]
pub(super) fn mac_in_proc(table: &str, address: IpAddr) -> Option<String> {
    table.lines().skip(1).find_map(|row| {
        let row: Vec<&str> = row.split_whitespace().collect();
        let [ip, _, flags, mac, ..] = row.as_slice() else { return None };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
        let same = ip.parse::<IpAddr>() == Ok(address);
        (same && flags & COMPLETE != 0).then(|| normal(mac))?
    })
}

/// The same from what `arp -a` of Windows, in any language, or of macOS says.
#[cfg(any(not(target_os = "linux"), test))]
pub(super) fn mac_in_listing(said: &str, address: IpAddr) -> Option<String> {
    said.lines().find_map(|line| {
        let mut words = line.split_whitespace().map(|word| word.trim_matches(['(', ')']));
        words.find(|word| word.parse::<IpAddr>() == Ok(address))?;
        words.find_map(normal)
    })
}

/// `00:03:81:aa:bb:cc`, whatever the system's way to write it.
fn normal(mac: &str) -> Option<String> {
    let bytes = mac.split([':', '-']).map(|byte| u8::from_str_radix(byte, 16));
    let bytes: Vec<u8> = bytes.collect::<Result<_, _>>().ok()?;
    let good = bytes.len() == 6 && bytes.iter().any(|byte| *byte != 0);
    good.then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_neighbour_that_has_answered_has_an_address() {
        let table = "\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.50     0x1         0x2         00:03:81:AA:BB:CC     *        eth0
192.168.1.51     0x1         0x0         00:00:00:00:00:00     *        eth0
";
        let of = |ip: &str| mac_in_proc(table, ip.parse().unwrap());
        assert_eq!(of("192.168.1.50").as_deref(), Some("00:03:81:aa:bb:cc"));
        assert_eq!(of("192.168.1.51"), None);
        assert_eq!(of("192.168.1.5"), None);
        assert_eq!(mac_in_proc("", "192.168.1.50".parse().unwrap()), None);
    }

    #[test]
    fn windows_and_macos_write_the_same_address_their_way() {
        let windows = "Interface : 192.168.1.10 --- 0x4\n  Adresse Internet      Adresse physique      Type\n  192.168.1.50          00-03-81-aa-bb-cc     dynamique\n";
        let macos = "? (192.168.1.50) at 0:3:81:aa:bb:cc on en0 ifscope [ethernet]\n";
        let of = |said: &str| mac_in_listing(said, "192.168.1.50".parse().unwrap());
        for said in [windows, macos] {
            assert_eq!(of(said).as_deref(), Some("00:03:81:aa:bb:cc"));
        }
        assert_eq!(of("? (192.168.1.50) at (incomplete) on en0"), None);
        assert_eq!(of("? (192.168.1.5) at 0:3:81:aa:bb:cc on en0"), None);
    }
}
