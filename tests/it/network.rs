//! Networks of namespaces: a switch, this test beside it, and computers that are plugged in.
//!
//! A story runs this test program again in a namespace (`unshare`), as the ignored test of
//! the same name in its module's `inside`, which builds the network with `ip`.

use std::fmt::Display;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Set in the namespaces only, where these stories may change the network.
const MARK: &str = "CAISSE_RELAY_TEST_NAMESPACE";

/// Says how it cannot run where the system allows no namespace; in CI that is a failure.
pub fn in_a_network_of_its_own(module: &str, story: &str) {
    // A user namespace makes its user root of the network in it; root needs none.
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--net"], &["--net"]];
    let works = |way: &&&[&str]| {
        let ip = "ip link add shop type bridge && ip link add cable type veth peer name plug";
        let tried = Command::new("unshare").args(**way).args(["sh", "-c", ip]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(way) = ways.iter().find(works) else {
        let missing = "no network namespace can be made here (unshare, ip, bridge, veth)";
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        return eprintln!("NOT RUN: {story}: {missing}");
    };
    let inside = format!("{module}::inside::{story}");
    let ended = Command::new("unshare")
        .args(*way)
        .arg(std::env::current_exe().unwrap())
        .args([&inside, "--exact", "--ignored", "--nocapture"])
        .env(MARK, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

/// Runs lines of a shell, to the first that fails.
pub fn run(commands: &str) {
    let status = Command::new("sh").args(["-ec", commands]).status().unwrap();
    assert!(status.success(), "{commands}");
}

/// The test's own end of the network, 10.20.0.1, and the switch.
pub fn lay() {
    assert!(std::env::var_os(MARK).is_some(), "only in a namespace of its own");
    run("ip link set lo up
         ip link add shop type bridge mcast_snooping 0
         ip addr add 10.20.0.1/24 dev shop
         ip link set shop up");
}

/// Waits until a process that `unshare` began is in its own namespace.
pub fn until_apart(pid: u32) {
    let network = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/net")).unwrap();
    while network(&pid.to_string()) == network("self") {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lays `cable{pid}` from the switch to this process, which has this address from then on.
pub fn plug_in(pid: u32, address: impl Display) {
    run(&format!(
        "ip link add cable{pid} type veth peer name eth0 netns {pid}
         ip link set cable{pid} master shop up
         nsenter --net --target {pid} ip link set lo up
         nsenter --net --target {pid} ip addr add {address}/24 dev eth0
         nsenter --net --target {pid} ip link set eth0 up"
    ));
}

/// DHCP gives it another address.
pub fn readdress(pid: u32, old: impl Display, new: impl Display) {
    run(&format!(
        "nsenter --net --target {pid} ip addr del {old}/24 dev eth0
         nsenter --net --target {pid} ip addr add {new}/24 dev eth0"
    ));
}
