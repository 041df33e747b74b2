//! Which program listens on a port, as Linux tells it.

use std::fs;
use std::path::Path;

/// `caisse-relay (1234)`: who listens on a TCP port of this computer, where the
/// system tells it to this user.
pub fn owner(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let inodes: Vec<String> =
        tables.iter().flatten().flat_map(|table| listeners(table, port)).collect();
    let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    processes.into_iter().find_map(|process| {
        let pid = process.file_name()?.to_str()?.parse::<u32>().ok()?;
        has_one(&process, &inodes).then(|| {
            let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
            format!("{} ({pid})", name.trim())
        })
    })
}

fn has_one(process: &Path, inodes: &[String]) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    files.filter_map(Result::ok).any(|file| {
        let link = fs::read_link(file.path()).unwrap_or_default();
        let link = link.to_string_lossy();
        inodes.iter().any(|inode| link == format!("socket:[{inode}]"))
    })
}

/// The inodes of the sockets that listen on a port, from the text of `/proc/net/tcp`.
fn listeners(table: &str, port: u16) -> Vec<String> {
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter_map(|row| {
        let local = row.get(1)?.rsplit_once(':')?.1;
        let listens = *row.get(3)? == "0A" && u16::from_str_radix(local, 16) == Ok(port);
        listens.then(|| row.get(9).map(ToString::to_string))?
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_socket_that_listens_owns_a_port() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:24E3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41 1 0 100 0
   1: 0100007F:24E3 0100007F:AAAA 01 00000000:00000000 00:00000000 00000000  1000        0 42 1 0 100 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 43 1 0 100 0
";
        assert_eq!(listeners(table, 9443), ["41"]);
        assert_eq!(listeners(table, 22), ["43"]);
        assert!(listeners(table, 80).is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_process_is_found_by_its_port() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let found = owner(listener.local_addr().unwrap().port()).unwrap();
        assert!(found.ends_with(&format!("({})", std::process::id())), "{found}");
    }
}
