//! The load. It runs on one thread and is bounded in count and time; it goes to loopback addresses only.
//!
//! ```text
//! channels-load idle ADDRESS DIALECT PIDS COUNT
//!     KiB a connection  CPU µs a connection
//! channels-load fanout ADDRESS DIALECT PIDS SUBSCRIBERS SECONDS IN-FLIGHT..
//!     for each: IN-FLIGHT  deliveries/s  CPU µs a delivery  p50 µs  p99 µs  wrong
//! channels-load storm ADDRESS DIALECT PIDS COUNT
//!     seconds until all are back  CPU µs a connection  texts that each recovered
//! channels-load stuck-time ADDRESS DIALECT PIDS SUBSCRIBERS ROUNDS SECONDS
//!     p50 µs without  p50 µs with  p99 µs without  p99 µs with  p99 µs of without, again  wrong
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
    let address: SocketAddr = address.parse()?;
    if !address.ip().is_loopback() {
        return Err("only to loopback".into());
    }
    let dialect = Dialect::named(dialect).ok_or("plain, centrifugo or socket.io")?;
    let pids = pids.split(',').map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    let load = Load { address, dialect, pids, fleet: Fleet::new(address, dialect)? };
    match (*kind, rest) {
        ("idle", [count]) => load.idle(count.parse()?),
        ("fanout", [subscribers, seconds, windows @ ..]) => {
            let windows = windows.iter().map(|window| window.parse()).collect::<Result<Vec<_>, _>>()?;
            load.fan_out(subscribers.parse()?, seconds.parse()?, &windows)
        }
        ("storm", [count]) => load.storm(count.parse()?),
        ("stuck-time", [subscribers, rounds, seconds]) => {
            load.stuck_time(subscribers.parse()?, rounds.parse()?, seconds.parse()?)
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

    /// A text of this length to everybody at a steady pace.
    fn pace(&mut self, every: Duration, seconds: f64) -> Result<(), Failure> {
        let (mut next, end) = (Instant::now(), Instant::now() + Duration::from_secs_f64(seconds));
        while Instant::now() < end {
            let now = Instant::now();
            if now >= next {
                self.fleet.publish(TEXT);
                // What could not be sent in time is not made up for: it would come in a heap.
                next = (next + every).max(now);
            }
            self.fleet.turn(next.saturating_duration_since(Instant::now()).min(BREATH))?;
        }
        self.settle()
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

    fn stuck_time(mut self, subscribers: usize, rounds: usize, seconds: f64) -> Result<(), Failure> {
        let every = Duration::from_millis(5);
        self.begin()?;
        self.fleet.enter(subscribers, Role::Subscriber, PATIENCE)?;
        self.fleet.count();
        self.keep(1, seconds / 2.0)?;
        let mut texts = 64;
        // The rounds of each kind are counted as one: what is slowest in a single one is often only the machine.
        let mut times: [Times; 3] = Default::default();
        // The order turns round each time, so that a drift meets all alike.
        for round in 0..rounds {
            let mut turns = [(0, false), (1, true), (2, false)];
            turns.rotate_left(round % 3);
            for (turn, is_stuck) in turns {
                if is_stuck {
                    self.fleet.enter(1, Role::Stuck, PATIENCE)?;
                    texts = self.fill(None)?;
                } else {
                    self.fill(Some(texts))?;
                }
                self.pass(Duration::from_millis(100))?;
                self.fleet.tally.begin();
                self.pace(every, seconds)?;
                times[turn].join(&self.fleet.tally.take_times());
                if is_stuck {
                    self.fleet.cut_last();
                    self.pass(Duration::from_millis(100))?;
                }
            }
        }
        let [without, with, again] = times.map(|times| (times.within(0.5), times.within(0.99)));
        println!("{} {} {} {} {} {}", without.0, with.0, without.1, with.1, again.1, self.wrong());
        Ok(())
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
