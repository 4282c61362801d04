//! Churn for a while, with rests: `channels-soak ADDRESS PID SECONDS`. It goes to a loopback address only.
//!
//! Three hundred clients come, subscribe, publish, leave and come again, in every way there is: by a close frame, by a closed or reset
//! connection, by hanging with full buffers, within the handshake, by nonsense. After each of six parts everybody leaves, and the
//! server is at rest: what it holds then is what is compared.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use bench_channels::{
    frames::{self, CLOSE, PING, PONG, TEXT},
    process,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, LocalSet},
    time::{sleep, timeout},
};

type Failure = Box<dyn std::error::Error>;

const CLIENTS: u64 = 300;
const ROOMS: u64 = 200;
const PARTS: usize = 6;
/// What the server's own timeouts add up to at most, before it has let go of everything.
const REST: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct All {
    is_over: Cell<bool>,
    connected: Cell<u64>,
    published: Cell<u64>,
    received: Cell<u64>,
    recovered: Cell<u64>,
    /// Offsets that were left out or came twice.
    gaps: Cell<u64>,
    refused: Cell<u64>,
    rooms: Cell<u64>,
}

fn add(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, pid, seconds] = &words[..] else { return Err("usage: ADDRESS PID SECONDS".into()) };
    let address: SocketAddr = address.parse()?;
    if !address.ip().is_loopback() {
        return Err("only to loopback".into());
    }
    let part = Duration::from_secs_f64(seconds.parse::<f64>()? / PARTS as f64);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, soak(address, pid.parse()?, part))
}

/// What the server holds at rest.
struct Held {
    resident: u64,
    files: usize,
}

async fn soak(address: SocketAddr, pid: u32, part: Duration) -> Result<(), Failure> {
    let all = Rc::new(All::default());
    let mut held = Vec::new();
    println!(
        "{:>4} {:>8} {:>5} {:>11} {:>11} {:>11} {:>9} {:>5} {:>7}",
        "part", "RSS KiB", "fds", "connections", "published", "received", "recovered", "gaps", "rest s"
    );
    for number in 1..=PARTS {
        all.is_over.set(false);
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let dice = Dice(client * 1000 + number as u64 + 1);
            clients.spawn_local(client_of(address, Rc::clone(&all), dice));
        }
        sleep(part).await;
        all.is_over.set(true);
        while clients.join_next().await.is_some() {}
        let began = Instant::now();
        let left = loop {
            let left = metrics(address).await?;
            let count: u64 =
                ["connections", "subscriptions", "channels"].iter().map(|name| left[*name]).sum();
            if count == 0 || began.elapsed() > REST {
                break left;
            }
            sleep(Duration::from_millis(200)).await;
        };
        let rested = began.elapsed().as_secs_f64();
        // What is forgotten by time: histories after 5 s, positions after 10.
        sleep(Duration::from_secs(12)).await;
        let now = Held {
            resident: process::resident(&[pid]),
            files: fs::read_dir(format!("/proc/{pid}/fd"))?.count(),
        };
        println!(
            "{number:>4} {:>8} {:>5} {:>11} {:>11} {:>11} {:>9} {:>5} {rested:>7.1}",
            now.resident,
            now.files,
            all.connected.get(),
            all.published.get(),
            all.received.get(),
            all.recovered.get(),
            all.gaps.get(),
        );
        held.push(now);
        for name in ["connections", "subscriptions", "channels", "lost", "restarts"] {
            if left[name] != 0 {
                return Err(format!("{} {name} are left: {left:?}", left[name]).into());
            }
        }
    }
    judge(&held, &all)
}

/// Flat: the last two rests hold no more than the second and third did, but for 5 % or 1 MiB of memory; the first one is warming up.
fn judge(held: &[Held], all: &All) -> Result<(), Failure> {
    let [_, second, third, _, fifth, sixth] = held else { return Err("six parts".into()) };
    let (early, late) = (second.resident + third.resident, fifth.resident + sixth.resident);
    let most = (early + early / 20).max(early + 2 * 1024);
    let files = second.files.max(third.files);
    let mut faults = Vec::new();
    if late > most {
        faults.push(format!("memory grew from {} to {} KiB", early / 2, late / 2));
    }
    if fifth.files.max(sixth.files) > files {
        faults.push(format!("open files grew from {files} to {}", fifth.files.max(sixth.files)));
    }
    if all.gaps.get() > 0 {
        faults.push(format!("{} publications were missing or came twice", all.gaps.get()));
    }
    if all.received.get() == 0 || all.recovered.get() == 0 {
        faults.push("nothing was received or recovered".to_owned());
    }
    println!(
        "memory {} -> {} KiB ({:+.1} %), open files {files} -> {}; {} commands were refused",
        early / 2,
        late / 2,
        (late as f64 / early as f64 - 1.0) * 100.0,
        fifth.files.max(sixth.files),
        all.refused.get(),
    );
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ").into()) }
}

async fn metrics(address: SocketAddr) -> Result<HashMap<String, u64>, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    timeout(MINUTE, stream.read_to_string(&mut answer)).await??;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
    let lines = body.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
}

/// The same each time: xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit.max(1)
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

async fn client_of(address: SocketAddr, all: Rc<All>, mut dice: Dice) {
    let places = RefCell::default();
    while !all.is_over.get() {
        // How it ends makes no difference here: an error is one of the ways.
        let _ = timeout(MINUTE, life(address, &all, &mut dice, &places)).await;
        sleep(dice.millis(1, 200)).await;
    }
}

type Places = RefCell<HashMap<String, (u64, String)>>;

/// From coming to leaving.
async fn life(address: SocketAddr, all: &All, dice: &mut Dice, places: &Places) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /api/live/websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    if dice.below(20) == 0 {
        // Within the handshake.
        let some = dice.below(request.len() as u64) as usize;
        stream.write_all(&request.as_bytes()[..some]).await?;
        return hang(all, dice.millis(1, 1000)).await;
    }
    stream.write_all(request.as_bytes()).await?;
    let mut client = Client { stream, input: Vec::new(), places, all, subscribed: HashMap::new(), number: 1 };
    client.upgraded().await?;
    client.say(&json!({"id": 1, "connect": {}})).await?;
    client.until(1).await?;
    add(&all.connected);
    for _ in 0..1 + dice.below(4) {
        client.subscribe(dice).await?;
    }
    let end = Instant::now() + dice.millis(200, 4000);
    while Instant::now() < end && !all.is_over.get() {
        match dice.below(10) {
            0 => client.subscribe(dice).await?,
            1 => client.unsubscribe(dice).await?,
            2..=6 => client.publish(dice).await?,
            _ => {}
        }
        client.listen(dice.millis(50, 300)).await?;
    }
    match dice.below(10) {
        0..=3 => {
            client.frame(CLOSE, &1000_u16.to_be_bytes()).await?;
            let mut rest = [0; 1024];
            while client.stream.read(&mut rest).await? > 0 {}
        }
        4 => client.stream.set_zero_linger()?,
        5 => {
            // A frame without a mask.
            client.stream.write_all(&[0x81, 1, b'x']).await?;
            let mut rest = [0; 1024];
            while client.stream.read(&mut rest).await? > 0 {}
        }
        6 => {
            rustix::net::sockopt::set_socket_recv_buffer_size(&client.stream, 4096)?;
            hang(all, dice.millis(1000, 15_000)).await?;
        }
        7 => {
            // It asks, and reads no answers.
            for _ in 0..50 {
                client.publish(dice).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

async fn hang(all: &All, time: Duration) -> Result<(), Failure> {
    let end = Instant::now() + time;
    while Instant::now() < end && !all.is_over.get() {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

struct Client<'a> {
    stream: TcpStream,
    input: Vec<u8>,
    places: &'a Places,
    all: &'a All,
    /// The offset of the last publication.
    subscribed: HashMap<String, u64>,
    number: u64,
}

impl Client<'_> {
    async fn frame(&mut self, opcode: u8, payload: &[u8]) -> Result<(), Failure> {
        let mut frame = Vec::new();
        frames::write(opcode, payload, &mut frame);
        Ok(self.stream.write_all(&frame).await?)
    }

    async fn say(&mut self, command: &Value) -> Result<(), Failure> {
        self.frame(TEXT, command.to_string().as_bytes()).await
    }

    async fn more(&mut self) -> Result<(), Failure> {
        let read = self.stream.read_buf(&mut self.input).await?;
        if read == 0 { Err("the end".into()) } else { Ok(()) }
    }

    async fn upgraded(&mut self) -> Result<(), Failure> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.input, b"\r\n\r\n") {
                let is_open = self.input.starts_with(b"HTTP/1.1 101");
                self.input.drain(..end + 4);
                return if is_open { Ok(()) } else { Err("no upgrade".into()) };
            }
            self.more().await?;
        }
    }

    /// Takes messages until the reply with this number.
    async fn until(&mut self, number: u64) -> Result<Value, Failure> {
        loop {
            for message in self.messages().await? {
                if message["id"] == number {
                    return Ok(message);
                }
            }
            self.more().await?;
        }
    }

    async fn listen(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        loop {
            self.messages().await?;
            match timeout(end.saturating_duration_since(Instant::now()), self.more()).await {
                Ok(more) => more?,
                Err(_) => return Ok(()),
            }
        }
    }

    /// The replies in what has come; everything else is dealt with.
    async fn messages(&mut self) -> Result<Vec<Value>, Failure> {
        let mut replies = Vec::new();
        while let Some((frame, rest)) = frames::first(&self.input) {
            let (opcode, payload, left) = (frame.opcode, frame.payload.to_vec(), rest.len());
            self.input.drain(..self.input.len() - left);
            match opcode {
                PING => self.frame(PONG, &payload).await?,
                CLOSE => return Err("closed".into()),
                _ => {
                    for line in payload.split(|byte| *byte == b'\n') {
                        if line == b"{}" {
                            self.frame(TEXT, b"{}").await?;
                            continue;
                        }
                        let message: Value = serde_json::from_slice(line)?;
                        if message.get("push").is_some() {
                            self.push(&message["push"]);
                        } else {
                            self.all
                                .refused
                                .set(self.all.refused.get() + u64::from(message.get("error").is_some()));
                            self.reply(&message);
                            replies.push(message);
                        }
                    }
                }
            }
        }
        Ok(replies)
    }

    /// A subscription's reply comes before anything of it.
    fn reply(&mut self, message: &Value) {
        let Some(result) = message.get("subscribe") else { return };
        let number = message["id"].as_u64().unwrap_or_default();
        let asked = self.subscribed.iter().find(|(_, last)| **last == u64::MAX - number);
        let Some(channel) = asked.map(|(channel, _)| channel.clone()) else { return };
        let offset = result["offset"].as_u64().unwrap_or_default();
        if let Some(epoch) = result["epoch"].as_str() {
            self.places.borrow_mut().insert(channel.clone(), (offset, epoch.to_owned()));
        }
        self.subscribed.insert(channel.clone(), offset);
        if result["recovered"] == true {
            add(&self.all.recovered);
        }
        for publication in result["publications"].as_array().into_iter().flatten() {
            self.publication(&channel, publication);
        }
    }

    fn push(&mut self, push: &Value) {
        let Some(channel) = push["channel"].as_str() else { return };
        if let Some(publication) = push.get("pub") {
            self.publication(channel, publication);
        } else if push.get("unsubscribe").is_some() {
            self.subscribed.remove(channel);
        }
    }

    fn publication(&mut self, channel: &str, publication: &Value) {
        let offset = publication["offset"].as_u64().unwrap_or_default();
        add(&self.all.received);
        let Some(last) = self.subscribed.get_mut(channel) else { return };
        if offset != *last + 1 {
            add(&self.all.gaps);
        }
        *last = offset;
        if let Some(place) = self.places.borrow_mut().get_mut(channel) {
            place.0 = offset;
        }
    }

    async fn subscribe(&mut self, dice: &mut Dice) -> Result<(), Failure> {
        let channel = if dice.below(10) == 0 {
            // One that never was, and that nobody comes to again.
            add(&self.all.rooms);
            format!("soak:once-{}", self.all.rooms.get())
        } else {
            format!("soak:{}", dice.below(ROOMS))
        };
        if self.subscribed.contains_key(&channel) {
            return Ok(());
        }
        self.number += 1;
        let mut request = json!({"channel": channel, "join_leave": true});
        if let Some((offset, epoch)) = self.places.borrow().get(&channel)
            && dice.below(4) > 0
        {
            request["recover"] = true.into();
            request["offset"] = (*offset).into();
            request["epoch"] = epoch.as_str().into();
        }
        // Until the reply has come, the number of the command stands there.
        self.subscribed.insert(channel, u64::MAX - self.number);
        self.say(&json!({"id": self.number, "subscribe": request})).await?;
        let reply = self.until(self.number).await?;
        if reply.get("error").is_some() {
            let waits = u64::MAX - self.number;
            self.subscribed.retain(|_, last| *last != waits);
        }
        Ok(())
    }

    async fn unsubscribe(&mut self, dice: &mut Dice) -> Result<(), Failure> {
        let Some(channel) = self.some(dice) else { return Ok(()) };
        self.number += 1;
        self.say(&json!({"id": self.number, "unsubscribe": {"channel": channel}})).await?;
        self.until(self.number).await?;
        self.subscribed.remove(&channel);
        Ok(())
    }

    async fn publish(&mut self, dice: &mut Dice) -> Result<(), Failure> {
        let Some(channel) = self.some(dice) else { return Ok(()) };
        self.number += 1;
        add(&self.all.published);
        let text = "x".repeat(dice.below(800) as usize);
        self.say(&json!({"id": self.number, "publish": {"channel": channel, "data": text}})).await
    }

    fn some(&self, dice: &mut Dice) -> Option<String> {
        let place = dice.below(self.subscribed.len() as u64) as usize;
        let mut names: Vec<_> = self.subscribed.keys().cloned().collect();
        // A map's order is another one each time.
        names.sort_unstable();
        names.into_iter().nth(place)
    }
}
