//! What processes used, as the kernel counted it.

use std::fs;

/// Seconds of processor time that the processes used so far, in user and kernel, all their threads, and ended ones too.
///
/// # Panics
/// When one of them is gone: it must outlive the measurement.
#[must_use]
pub fn seconds(pids: &[u32]) -> f64 {
    pids.iter().map(|pid| of(*pid)).sum()
}

fn of(pid: u32) -> f64 {
    // The kernel scales both so that their sum is the exact run time; it is told in hundredths of a second.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    // The name may hold spaces; it ends with the last parenthesis.
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let ticks: u64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// Memory that the processes hold, in KiB.
///
/// # Panics
/// When one of them is gone.
#[must_use]
pub fn resident(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| field(&format!("/proc/{pid}/status"), "VmRSS:")).sum()
}

/// Bytes that the processes made the disk read.
///
/// # Panics
/// When one of them is gone.
#[must_use]
pub fn disk_read(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| field(&format!("/proc/{pid}/io"), "read_bytes:")).sum()
}

fn field(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).expect("a running process");
    let value = text.lines().find_map(|line| line.strip_prefix(name)).expect("the field");
    value.split_whitespace().next().and_then(|value| value.parse().ok()).expect("a number")
}
