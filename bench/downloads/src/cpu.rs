//! What processes used, as the kernel counted it.

use std::fs;

/// Seconds of processor time that the processes used so far, in user and kernel, all threads that they have now.
///
/// In nanoseconds (`schedstat`), where `/proc/PID/stat` counts in hundredths of a second. A thread that has ended is no longer
/// in it: threads of Tokio's blocking pool do after ten idle seconds, and a round is shorter.
///
/// # Panics
/// When one of them is gone: it must outlive the measurement.
#[must_use]
pub fn seconds(pids: &[u32]) -> f64 {
    pids.iter().map(|pid| of(*pid)).sum::<u64>() as f64 / 1e9
}

fn of(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("a running process");
    // One may end while it is looked at.
    let on_the_processor = |thread: fs::DirEntry| {
        let schedstat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedstat.split_whitespace().next()?.parse::<u64>().ok()
    };
    threads.filter_map(|thread| on_the_processor(thread.ok()?)).sum()
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
