//! The load. It runs on one thread and is bounded in count and time; it goes to loopback addresses only.
//!
//! ```text
//! channels-load idle ADDRESS DIALECT PIDS COUNT
//!     KiB a connection  CPU µs a connection
//! channels-load fanout ADDRESS DIALECT PIDS SUBSCRIBERS SECONDS IN-FLIGHT..
//!     for each: IN-FLIGHT  deliveries/s  CPU µs a delivery  p50 µs  p99 µs  wrong
//! channels-load storm ADDRESS DIALECT PIDS COUNT
//!     seconds until all are back  CPU µs a connection  texts that each recovered
//! channels-load stuck-time ADDRESS DIALECT PIDS OTHER-ADDRESS OTHER-PIDS SUBSCRIBERS ROUNDS SECONDS
//!     for p50, p90, p99: µs without, µs with, how much the two servers differ while neither has one; the same of CPU µs a
//!     delivery; wrong
//! channels-load stuck-memory ADDRESS DIALECT PIDS TEXTS
//!     KiB that the stuck client costs  MB that were sent to each  was it ended
//! ```

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bench_channels::{
    dialect::{Dialect, Position},
    fleet::{Fleet, Role},
    process,
    tally::{TEXT, Times},
};

type Failure = Box<dyn std::error::Error>;

/// How long clients may take to come in, and what is under way to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
const BREATH: Duration = Duration::from_millis(20);

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [kind, address, dialect, pids, rest @ ..] = words.as_slice() else {
        return Err("see the top of channels-load.rs for what it takes".into());
    };
    let dialect = Dialect::named(dialect).ok_or("plain, centrifugo or socket.io")?;
    let load = Load::new(address, dialect, pids)?;
    match (*kind, rest) {
        ("idle", [count]) => load.idle(count.parse()?),
        ("fanout", [subscribers, seconds, windows @ ..]) => {
            let windows = windows.iter().map(|window| window.parse()).collect::<Result<Vec<_>, _>>()?;
            load.fan_out(subscribers.parse()?, seconds.parse()?, &windows)
        }
        ("storm", [count]) => load.storm(count.parse()?),
        ("stuck-time", [address, pids, subscribers, rounds, seconds]) => {
            let other = Load::new(address, dialect, pids)?;
            stuck_time([load, other], subscribers.parse()?, rounds.parse()?, seconds.parse()?)
        }
        ("stuck-memory", [texts]) => load.stuck_memory(texts.parse()?),
        _ => Err("see the top of channels-load.rs for what it takes".into()),
    }
}

struct Load {
    address: SocketAddr,
    dialect: Dialect,
    pids: Vec<u32>,
    fleet: Fleet,
}

impl Load {
    fn new(address: &str, dialect: Dialect, pids: &str) -> Result<Self, Failure> {
        let address: SocketAddr = address.parse()?;
        if !address.ip().is_loopback() {
            return Err("only to loopback".into());
        }
        let pids = pids.split(',').map(str::parse).collect::<Result<Vec<u32>, _>>()?;
        Ok(Self { address, dialect, pids, fleet: Fleet::new(address, dialect)? })
    }

    /// The publisher, who comes first and is no subscriber.
    fn begin(&mut self) -> Result<(), Failure> {
        self.fleet.enter(1, Role::Publisher, PATIENCE)?;
        self.pass(Duration::from_millis(200))
    }

    fn pass(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.fleet.turn(BREATH)?;
        }
        Ok(())
    }

    /// Waits until everything that is under way arrived; what does not is wrong.
    fn settle(&mut self) -> Result<(), Failure> {
        let by = Instant::now() + PATIENCE / 2;
        while self.fleet.tally.under_way() > 0 && Instant::now() < by {
            self.fleet.turn(BREATH)?;
        }
        self.fleet.wrong += self.fleet.tally.under_way() as u64;
        Ok(())
    }

    fn wrong(&self) -> u64 {
        self.fleet.wrong + self.fleet.tally.wrong + self.fleet.ended as u64
    }

    fn idle(mut self, count: usize) -> Result<(), Failure> {
        self.begin()?;
        let (before, ran) = (process::resident(&self.pids), process::nanoseconds(&self.pids));
        self.fleet.enter(count, Role::Subscriber, PATIENCE)?;
        self.pass(Duration::from_secs(2))?;
        let ran = process::nanoseconds(&self.pids) - ran;
        let grown = process::resident(&self.pids).saturating_sub(before);
        println!("{:.2} {:.1}", grown as f64 / count as f64, ran as f64 / 1e3 / count as f64);
        Ok(())
    }

    fn keep(&mut self, window: usize, seconds: f64) -> Result<(), Failure> {
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        while Instant::now() < end {
            while self.fleet.tally.under_way() < window {
                self.fleet.publish(TEXT);
            }
            self.fleet.turn(BREATH)?;
        }
        self.settle()
    }

    fn fan_out(mut self, subscribers: usize, seconds: f64, windows: &[usize]) -> Result<(), Failure> {
        self.begin()?;
        self.fleet.enter(subscribers, Role::Subscriber, PATIENCE)?;
        self.fleet.count();
        for &window in windows {
            self.keep(window, seconds / 5.0)?;
            self.fleet.tally.begin();
            let (ran, began) = (process::nanoseconds(&self.pids), Instant::now());
            self.keep(window, seconds)?;
            let (ran, took) = (process::nanoseconds(&self.pids) - ran, began.elapsed().as_secs_f64());
            let tally = &self.fleet.tally;
            let (each, middle, late) = (tally.delivered as f64, tally.within(0.5), tally.within(0.99));
            println!(
                "{window} {:.0} {:.3} {middle} {late} {}",
                each / took,
                ran as f64 / 1e3 / each,
                self.wrong()
            );
        }
        Ok(())
    }

    fn storm(mut self, count: usize) -> Result<(), Failure> {
        const BEFORE: u64 = 5;
        const MEANWHILE: u64 = 10;
        self.begin()?;
        self.fleet.enter(count, Role::Subscriber, PATIENCE)?;
        self.fleet.count();
        for _ in 0..BEFORE {
            self.fleet.publish(TEXT);
        }
        self.settle()?;
        let recovers = self.dialect == Dialect::Centrifugo;
        let (ran, began) = (process::nanoseconds(&self.pids), Instant::now());
        self.fleet.cut();
        if recovers {
            for _ in 0..MEANWHILE {
                self.fleet.publish(TEXT);
            }
            let by = Instant::now() + PATIENCE;
            while self.fleet.confirmed < BEFORE + MEANWHILE && Instant::now() < by {
                self.fleet.turn(BREATH)?;
            }
            let epoch = self.fleet.epoch.clone().ok_or("no epoch in a reply")?;
            self.fleet.from = Some((Position { offset: BEFORE, epoch }, MEANWHILE as usize));
        }
        self.fleet.enter(count, Role::Subscriber, PATIENCE)?;
        let took = began.elapsed().as_secs_f64();
        let ran = process::nanoseconds(&self.pids) - ran;
        if self.wrong() > 0 {
            return Err(format!("{} were told otherwise, or ended", self.wrong()).into());
        }
        println!("{took:.3} {:.1} {}", ran as f64 / 1e3 / count as f64, if recovers { MEANWHILE } else { 0 });
        Ok(())
    }

    /// Large texts until the system takes no more for the stuck client, so that the server has to keep what follows.
    fn fill(&mut self, texts: Option<usize>) -> Result<usize, Failure> {
        let (mut most, mut same, mut sent) = (0, 0, 0);
        while sent < texts.unwrap_or(200) && same < 3 {
            self.fleet.publish(48 * 1024);
            self.settle()?;
            sent += 1;
            if texts.is_none() {
                let waits =
                    process::unsent(self.address, self.fleet.last_address()?).ok_or("it is not there")?;
                same = if waits > most { 0 } else { same + 1 };
                most = most.max(waits);
            }
        }
        Ok(sent)
    }

    fn stuck_memory(mut self, texts: u64) -> Result<(), Failure> {
        const WINDOW: usize = 16;
        self.begin()?;
        self.fleet.enter(10, Role::Subscriber, PATIENCE)?;
        self.fleet.count();
        let mut peaks = Vec::new();
        let mut each = 0;
        for is_stuck in [false, false, true] {
            if is_stuck {
                self.fleet.enter(1, Role::Stuck, PATIENCE)?;
            }
            process::forget_peak(&self.pids);
            let (received, begun, by) =
                (self.fleet.received, self.fleet.tally.published(), Instant::now() + PATIENCE / 3);
            while self.fleet.tally.published() < begun + texts && Instant::now() < by {
                while self.fleet.tally.under_way() < WINDOW {
                    self.fleet.publish(TEXT);
                }
                self.fleet.turn(BREATH)?;
            }
            self.settle()?;
            each = (self.fleet.received - received) / 10;
            peaks.push(process::peak(&self.pids));
        }
        let [_, without, with] = peaks[..] else { return Err("three rounds".into()) };
        println!("{} {:.1} {}", with.saturating_sub(without), each as f64 / 1e6, self.wrong());
        Ok(())
    }
}

/// Two servers on one core, which have a stuck client in turn, or neither has. Each text goes to one of them, to the other half a pace
/// later: what the machine does meanwhile meets both alike.
fn stuck_time(
    mut servers: [Load; 2],
    subscribers: usize,
    rounds: usize,
    seconds: f64,
) -> Result<(), Failure> {
    for server in &mut servers {
        server.begin()?;
        server.fleet.enter(subscribers, Role::Subscriber, PATIENCE)?;
        server.fleet.count();
        server.keep(1, seconds / 2.0)?;
    }
    let mut texts = 64;
    // All rounds of a kind are counted as one: what is slowest in a single one is often only the machine.
    let mut without = Spell::default();
    let mut with = Spell::default();
    let mut neither: [Spell; 2] = Default::default();
    for round in 0..rounds {
        let stuck = [Some(0), None, Some(1)][round % 3];
        for (at, server) in servers.iter_mut().enumerate() {
            if stuck == Some(at) {
                server.fleet.enter(1, Role::Stuck, PATIENCE)?;
                texts = server.fill(None)?;
            } else {
                server.fill(Some(texts))?;
            }
            server.pass(Duration::from_millis(100))?;
            server.fleet.tally.begin();
        }
        let before = servers.each_ref().map(|server| process::nanoseconds(&server.pids));
        alternate(&mut servers, Duration::from_micros(2500), seconds)?;
        for (at, server) in servers.iter_mut().enumerate() {
            let spell = match stuck {
                None => &mut neither[at],
                Some(stuck) if stuck == at => &mut with,
                Some(_) => &mut without,
            };
            spell.ran += process::nanoseconds(&server.pids) - before[at];
            spell.delivered += server.fleet.tally.delivered;
            spell.times.join(&server.fleet.tally.take_times());
            if stuck == Some(at) {
                server.fleet.cut_last();
                server.pass(Duration::from_millis(100))?;
            }
        }
    }
    let apart = |one: f64, other: f64| one.max(other) / one.min(other);
    for part in [0.5, 0.9, 0.99] {
        let [one, other] = neither.each_ref().map(|spell| spell.times.within(part) as f64);
        print!("{} {} {:.3} ", without.times.within(part), with.times.within(part), apart(one, other));
    }
    let [one, other] = neither.each_ref().map(Spell::cost);
    let wrong: u64 = servers.iter().map(Load::wrong).sum();
    println!("{:.3} {:.3} {:.3} {wrong}", without.cost(), with.cost(), apart(one, other));
    Ok(())
}

/// What came of the texts to one server while it was in one state.
#[derive(Default)]
struct Spell {
    times: Times,
    delivered: u64,
    ran: u64,
}

impl Spell {
    /// Microseconds of processor time a delivery.
    fn cost(&self) -> f64 {
        self.ran as f64 / 1e3 / self.delivered as f64
    }
}

/// Texts to everybody at a steady pace, to the one server and the other in turn.
fn alternate(servers: &mut [Load; 2], every: Duration, seconds: f64) -> Result<(), Failure> {
    let (mut next, end) = (Instant::now(), Instant::now() + Duration::from_secs_f64(seconds));
    for turn in 0.. {
        let now = Instant::now();
        if now >= end {
            break;
        }
        servers[turn % 2].fleet.publish(TEXT);
        // What could not be sent in time is not made up for: it would come in a heap.
        next = (next + every).max(now);
        while Instant::now() < next {
            for server in &mut *servers {
                server.fleet.turn(Duration::ZERO)?;
            }
        }
    }
    servers.iter_mut().try_for_each(Load::settle)
}
