//! What processes used, as the kernel counted it.

use std::{fs, net::SocketAddr};

/// Nanoseconds of processor time that the threads of these processes ran so far.
///
/// # Panics
/// When one of them is gone: it must outlive the measurement.
#[must_use]
pub fn nanoseconds(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| of(*pid)).sum()
}

fn of(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("a running process");
    // A thread that ends meanwhile is not counted; those that do the work stay.
    let ran = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    ran.filter_map(|ran| ran.split_whitespace().next()?.parse::<u64>().ok()).sum()
}

/// Memory that the processes hold, in KiB.
///
/// # Panics
/// When one of them is gone.
#[must_use]
pub fn resident(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| field(*pid, "VmRSS:")).sum()
}

/// The most memory that the processes held since [`forget_peak`], in KiB.
///
/// # Panics
/// When one of them is gone.
#[must_use]
pub fn peak(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| field(*pid, "VmHWM:")).sum()
}

/// Has the kernel count the peak from here on.
///
/// # Panics
/// When one of them is gone.
pub fn forget_peak(pids: &[u32]) {
    for pid in pids {
        fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("a process of ours");
    }
}

fn field(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let value = text.lines().find_map(|line| line.strip_prefix(name)).expect("the field");
    value.split_whitespace().next().and_then(|value| value.parse().ok()).expect("a number")
}

/// Bytes that wait in the kernel at `server` for the peer with this address; `None` when it knows no such connection.
#[must_use]
pub fn unsent(server: SocketAddr, peer: SocketAddr) -> Option<u64> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let port = |address: &str| u16::from_str_radix(address.rsplit(':').next()?, 16).ok();
        let (local, remote) = (port(columns.next()?)?, port(columns.next()?)?);
        let waits = columns.nth(1)?.split(':').next()?;
        (local == server.port() && remote == peer.port())
            .then(|| u64::from_str_radix(waits, 16).ok())
            .flatten()
    })
}
