//! The load. It runs on one thread and is bounded in time; it goes to loopback addresses only.
//!
//! ```text
//! download-load hot ADDRESS PATH LENGTH CONNECTIONS SECONDS PIDS [HEAD-HOLDS]
//!     requests/s  CPU µs a request  CPU s a GB  GB/s  p50 µs  p99 µs  wrong  RSS KiB
//! download-load same ADDRESS PATH FILE
//!     fails unless the body is the file, byte for byte
//! download-load cold ADDRESS PATH LENGTH CONNECTIONS SECONDS PIDS COLD-PATH COLD-FILE
//!     p50 µs  p99 µs  longest µs  wrong  MB that came from the disk
//! download-load slow ADDRESS PATH LENGTH CLIENTS SECONDS PIDS
//!     KiB before  KiB with all clients reading  wrong
//! ```

use std::{
    cell::Cell,
    fs::File,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use bench_downloads::{
    cpu,
    load::{Asked, Outcome, connect, connection, head, is_right},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinSet, LocalSet},
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match words.as_slice() {
            ["same", address, path, file] => same(loopback(address)?, path, file).await,
            ["hot", address, path, length, connections, seconds, pids, holds @ ..] => {
                let asked = asked(address, path, length, holds.first().copied())?;
                hot(asked, connections.parse()?, seconds.parse()?, &listed(pids)?).await
            }
            ["cold", address, path, length, connections, seconds, pids, cold_path, cold_file] => {
                let asked = asked(address, path, length, None)?;
                let cold = (*cold_path, *cold_file);
                beside_cold(asked, connections.parse()?, seconds.parse()?, &listed(pids)?, cold).await
            }
            ["slow", address, path, length, clients, seconds, pids] => {
                let asked = asked(address, path, length, None)?;
                slow(asked, clients.parse()?, seconds.parse()?, &listed(pids)?).await
            }
            _ => Err("see the top of download-load.rs for what it takes".into()),
        }
    })
}

fn loopback(address: &str) -> Result<SocketAddr, Failure> {
    let address: SocketAddr = address.parse()?;
    address.ip().is_loopback().then_some(address).ok_or_else(|| "only to loopback".into())
}

fn asked(address: &str, path: &str, length: &str, holds: Option<&str>) -> Result<Asked, Failure> {
    Ok(Asked {
        address: loopback(address)?,
        path: path.to_owned(),
        length: length.parse()?,
        holds: holds.map(str::to_owned),
    })
}

fn listed(pids: &str) -> Result<Vec<u32>, Failure> {
    Ok(pids.split(',').map(str::parse).collect::<Result<_, _>>()?)
}

async fn load(asked: &Asked, connections: usize, seconds: f64) -> Outcome {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let asked = asked.clone();
        tasks.spawn_local(async move { connection(&asked, end).await });
    }
    let mut all = Outcome::default();
    while let Some(outcome) = tasks.join_next().await {
        all.add(outcome.expect("a connection's load"));
    }
    all
}

async fn hot(asked: Asked, connections: usize, seconds: f64, pids: &[u32]) -> Result<(), Failure> {
    load(&asked, connections, seconds / 5.0).await;
    let (before, started) = (cpu::seconds(pids), Instant::now());
    let mut outcome = load(&asked, connections, seconds).await;
    let (used, took) = (cpu::seconds(pids) - before, started.elapsed().as_secs_f64());
    let gigabytes = outcome.bytes as f64 / 1e9;
    // Of large files a few are always under way; they count as the part of one that they are.
    let requests =
        if asked.length == 0 { outcome.right as f64 } else { outcome.bytes as f64 / asked.length as f64 };
    println!(
        "{:.0} {:.2} {:.4} {:.3} {} {} {} {}",
        requests / took,
        used * 1e6 / requests,
        if gigabytes > 0.0 { used / gigabytes } else { 0.0 },
        gigabytes / took,
        outcome.within(0.5),
        outcome.within(0.99),
        outcome.wrong,
        cpu::resident(pids),
    );
    Ok(())
}

async fn same(address: SocketAddr, path: &str, file: &str) -> Result<(), Failure> {
    let wanted = std::fs::read(file)?;
    let mut stream = connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(wanted.len() + 8192);
    let reading = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(60), reading).await??;
    let ends = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no head")? + 4;
    if answer[ends..] != wanted[..] {
        return Err(format!("{path}: other bytes:\n{}", String::from_utf8_lossy(&answer[..ends])).into());
    }
    Ok(())
}

/// Hot small files while another connection downloads, over and over, a file that was put out of memory each time.
async fn beside_cold(
    asked: Asked,
    connections: usize,
    seconds: f64,
    pids: &[u32],
    (cold_path, cold_file): (&str, &str),
) -> Result<(), Failure> {
    load(&asked, connections, seconds / 5.0).await;
    let before = cpu::disk_read(pids);
    let file = File::open(cold_file)?;
    let ended = Rc::new(Cell::new(false));
    let cold = Asked {
        path: cold_path.to_owned(),
        length: file.metadata()?.len(),
        holds: None,
        address: asked.address,
    };
    let reading = tokio::task::spawn_local({
        let ended = Rc::clone(&ended);
        async move {
            let (mut whole, mut wrong) = (0, 0);
            while !ended.get() {
                evict(&file);
                match download(&cold, &file, &ended).await {
                    Some(true) => whole += 1,
                    Some(false) => {}
                    None => wrong += 1,
                }
            }
            (whole, wrong)
        }
    });
    let mut outcome = load(&asked, connections, seconds).await;
    ended.set(true);
    let (_, wrong): (u32, u64) = reading.await?;
    println!(
        "{} {} {} {} {:.0}",
        outcome.within(0.5),
        outcome.within(0.99),
        outcome.within(1.0),
        outcome.wrong + wrong,
        (cpu::disk_read(pids) - before) as f64 / 1e6,
    );
    Ok(())
}

/// Puts what lies in memory of a file out of it, as far as nobody is reading just that.
fn evict(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

/// Whether it came to its end; `None` when the answer was wrong. What the kernel read ahead is put out again each few MB.
async fn download(cold: &Asked, file: &File, ended: &Cell<bool>) -> Option<bool> {
    let mut buffer = vec![0; 64 * 1024];
    let (mut stream, mut body) = start(cold, &mut buffer, None).await?;
    let mut evicted = 0;
    while body < cold.length {
        if ended.get() {
            return Some(false);
        }
        body += stream.read(&mut buffer).await.ok().filter(|read| *read > 0)? as u64;
        if body - evicted > 2_000_000 {
            evict(file);
            evicted = body;
        }
        tokio::task::yield_now().await;
    }
    Some(true)
}

/// Sends the request and reads the head; the second is what of the body came with it.
async fn start(asked: &Asked, buffer: &mut [u8], receive: Option<usize>) -> Option<(TcpStream, u64)> {
    let mut stream = connect(asked.address).await.ok()?;
    if let Some(size) = receive {
        rustix::net::sockopt::set_socket_recv_buffer_size(&stream, size).ok()?;
    }
    let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", asked.path);
    stream.write_all(request.as_bytes()).await.ok()?;
    let (end, body) = head(&mut stream, buffer).await?;
    is_right(std::str::from_utf8(&buffer[..end]).ok()?, asked).then_some((stream, body))
}

/// Clients that read 4 KiB ten times a second of a file that takes them an hour.
async fn slow(asked: Asked, clients: usize, seconds: f64, pids: &[u32]) -> Result<(), Failure> {
    let before = cpu::resident(pids);
    // On a busy machine it takes a while until all have begun.
    let begun = Instant::now() + Duration::from_secs(30);
    let end = begun + Duration::from_secs_f64(seconds);
    let stop = Rc::new(Cell::new(false));
    let wrong = Rc::new(Cell::new(0_u32));
    let reading = Rc::new(Cell::new(0_usize));
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (asked, stop) = (asked.clone(), Rc::clone(&stop));
        let (wrong, reading) = (Rc::clone(&wrong), Rc::clone(&reading));
        tasks.spawn_local(async move {
            let mut buffer = vec![0; 4096];
            let Some((mut stream, _)) = start(&asked, &mut buffer, Some(32 * 1024)).await else {
                wrong.set(wrong.get() + 1);
                return;
            };
            reading.set(reading.get() + 1);
            while !stop.get() {
                tokio::time::sleep(Duration::from_millis(100)).await;
                match tokio::time::timeout_at(end.into(), stream.read(&mut buffer)).await {
                    Ok(Ok(1..)) => {}
                    Err(_) => break,
                    Ok(_) => {
                        wrong.set(wrong.get() + 1);
                        return;
                    }
                }
            }
        });
    }
    while reading.get() < clients && Instant::now() < begun {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut most = before;
    let enough = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < enough {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(cpu::resident(pids));
    }
    stop.set(true);
    while tasks.join_next().await.is_some() {}
    let missing = u32::try_from(clients - reading.get())?;
    println!("{before} {most} {}", wrong.get().max(missing));
    Ok(())
}
