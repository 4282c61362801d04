//! Many clients on one thread: raw sockets and `epoll`, no WebSocket library, the same for every server.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::{
    dialect::{Dialect, Position, Step},
    frames::{self, CLOSE, PING, PONG},
    tally::{MARK, Tally},
};

type Failure = Box<dyn std::error::Error>;

/// What a client is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Subscriber,
    Publisher,
    /// Subscribes, and then reads nothing.
    Stuck,
}

impl Role {
    const fn subscribes(self) -> bool {
        matches!(self, Self::Subscriber | Self::Stuck)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Upgrading,
    Joining,
    Ready,
    Ended,
}

struct Client {
    stream: TcpStream,
    role: Role,
    stage: Stage,
    /// What is not a whole frame yet.
    input: Vec<u8>,
    output: Vec<u8>,
    is_waiting_to_write: bool,
    /// The number of the text that comes next.
    expected: u64,
}

/// All clients of one load, at one server.
pub struct Fleet {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    buffer: Vec<u8>,
    address: SocketAddr,
    dialect: Dialect,
    ready: usize,
    /// Where the next subscribers go on, and how many texts they lack.
    pub from: Option<(Position, usize)>,
    /// Of the last reply to a subscription.
    pub epoch: Option<String>,
    pub tally: Tally,
    /// Bytes that came.
    pub received: u64,
    /// Publications that the server said it made, where it does.
    pub confirmed: u64,
    pub ended: usize,
    pub wrong: u64,
}

/// How many may be on their way in at once; the servers' backlogs hold them.
const CONNECTING: usize = 1024;

impl Fleet {
    /// Nobody yet.
    ///
    /// # Errors
    /// When there is no `epoll`.
    pub fn new(address: SocketAddr, dialect: Dialect) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            clients: Vec::new(),
            buffer: vec![0; 256 * 1024],
            address,
            dialect,
            ready: 0,
            from: None,
            epoch: None,
            tally: Tally::new(0),
            received: 0,
            confirmed: 0,
            ended: 0,
            wrong: 0,
        })
    }

    /// Brings clients in, and waits until all are ready.
    ///
    /// # Errors
    /// When they are not within that time.
    pub fn enter(&mut self, count: usize, role: Role, within: Duration) -> Result<(), Failure> {
        let by = Instant::now() + within;
        let (wanted, mut begun) = (self.ready + count, 0);
        while self.ready < wanted {
            while begun < count && self.ready + CONNECTING + count > wanted + begun {
                self.begin(role)?;
                begun += 1;
            }
            self.turn(Duration::from_millis(10))?;
            if Instant::now() > by || self.wrong > 0 {
                let (ready, ended, wrong) = (self.ready, self.ended, self.wrong);
                return Err(format!(
                    "{ready} of {wanted} are in, {ended} ended, {wrong} were told otherwise"
                )
                .into());
            }
        }
        Ok(())
    }

    fn begin(&mut self, role: Role) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        if role == Role::Stuck {
            rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 4096)?;
        }
        stream.set_nodelay(true)?;
        let token = Token(self.clients.len());
        self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        // What Chromium sends, but for compression, which none of the servers is to do.
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n\
             User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n\
             Upgrade: websocket\r\nOrigin: http://{host}\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
             Accept-Language: en-US,en;q=0.9\r\nCookie: session=c2Vzc2lvbi1jb29raWUtb2Ytc29tZWJvZHk\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.dialect.path(),
            host = self.address,
        );
        self.clients.push(Client {
            stream,
            role,
            stage: Stage::Upgrading,
            input: Vec::new(),
            output: request.into_bytes(),
            is_waiting_to_write: true,
            expected: self.tally.published() + 1,
        });
        Ok(())
    }

    /// Counts the texts that are published from here on; nobody who is ready lacks one.
    pub fn count(&mut self) {
        let subscribers = self.clients.iter().filter(|client| client.role == Role::Subscriber).count();
        self.tally = Tally::new(subscribers);
        for client in &mut self.clients {
            client.expected = 1;
        }
    }

    /// Has the publisher, who came first, publish the next text.
    pub fn publish(&mut self, length: usize) {
        let text = self.tally.text(length);
        let message = self.dialect.publish(self.tally.published(), &text);
        if let Some(client) = self.clients.first_mut() {
            frames::write(frames::TEXT, message.as_bytes(), &mut client.output);
        }
    }

    /// Ends all subscribers at once.
    pub fn cut(&mut self) {
        self.ready -= self.clients.len() - 1;
        self.clients.truncate(1);
    }

    /// Ends the one who came last.
    pub fn cut_last(&mut self) {
        self.clients.pop();
        self.ready -= 1;
    }

    /// The address that the last one has here.
    ///
    /// # Errors
    /// When there is none.
    pub fn last_address(&self) -> io::Result<SocketAddr> {
        self.clients.last().ok_or(ErrorKind::NotFound)?.stream.local_addr()
    }

    /// Sends what there is, waits for something to come, and takes it.
    ///
    /// # Errors
    /// When `epoll` fails.
    pub fn turn(&mut self, wait: Duration) -> Result<(), Failure> {
        if let Some(publisher) = self.clients.first_mut()
            && publisher.stage == Stage::Ready
        {
            send(publisher);
        }
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            done => done?,
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            let place = event.token().0;
            let Some(client) = self.clients.get_mut(place) else { continue };
            if event.is_writable() && client.is_waiting_to_write {
                client.is_waiting_to_write = false;
                send(client);
            }
            if event.is_readable() || event.is_read_closed() {
                self.read(place, event.is_read_closed());
            }
        }
        self.events = events;
        Ok(())
    }

    fn read(&mut self, place: usize, to_the_end: bool) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(client) = self.clients.get_mut(place) {
            if client.stage == Stage::Ended || (client.role == Role::Stuck && client.stage == Stage::Ready) {
                break;
            }
            match client.stream.read(&mut buffer) {
                Ok(0) => {
                    self.end(place);
                    break;
                }
                Ok(read) => {
                    self.received += read as u64;
                    // More makes another event; the end was told by this one.
                    let is_all = read < buffer.len() && !to_the_end;
                    self.take(place, &buffer[..read]);
                    if is_all {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.end(place);
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    fn end(&mut self, place: usize) {
        let client = &mut self.clients[place];
        if client.stage == Stage::Ready {
            self.ready -= 1;
        }
        if client.stage != Stage::Ended {
            client.stage = Stage::Ended;
            self.ended += 1;
        }
    }

    fn take(&mut self, place: usize, bytes: &[u8]) {
        let mut kept = std::mem::take(&mut self.clients[place].input);
        let now = self.tally.now();
        if kept.is_empty() {
            let left = self.frames(place, bytes, now);
            kept.extend(left);
        } else {
            kept.extend(bytes);
            let left = self.frames(place, &kept, now).len();
            kept.drain(..kept.len() - left);
            if kept.is_empty() {
                // An idle client keeps nothing.
                kept = Vec::new();
            }
        }
        self.clients[place].input = kept;
        send(&mut self.clients[place]);
    }

    /// Takes whole frames; gives back what is left.
    fn frames<'a>(&mut self, place: usize, mut bytes: &'a [u8], now: u64) -> &'a [u8] {
        if self.clients[place].stage == Stage::Upgrading {
            let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return bytes };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                self.wrong += 1;
                self.end(place);
                return &[];
            }
            bytes = &bytes[end + 4..];
            let client = &mut self.clients[place];
            let subscribes = client.role.subscribes();
            client.stage = Stage::Joining;
            if let Some(say) = self.dialect.opening(subscribes) {
                frames::write(frames::TEXT, say.as_bytes(), &mut client.output);
            }
            if self.dialect.is_ready_at_once(subscribes) {
                client.stage = Stage::Ready;
                self.ready += 1;
            }
        }
        while let Some((frame, rest)) = frames::first(bytes) {
            match frame.opcode {
                PING => frames::write(PONG, frame.payload, &mut self.clients[place].output),
                CLOSE => self.end(place),
                _ => self.message(place, frame.payload, now),
            }
            bytes = rest;
        }
        bytes
    }

    fn message(&mut self, place: usize, message: &[u8], now: u64) {
        let client = &mut self.clients[place];
        if let Some(pong) = self.dialect.pong(message) {
            frames::write(frames::TEXT, pong.as_bytes(), &mut client.output);
            return;
        }
        if client.stage == Stage::Joining {
            self.join(place, message);
            return;
        }
        let mut rest = message;
        while let Some(at) = memchr::memchr(MARK, rest) {
            rest = &rest[at + 1..];
            if client.role == Role::Subscriber {
                self.tally.arrived(rest, &mut client.expected, now);
            }
        }
        if client.role == Role::Publisher && self.dialect == Dialect::Centrifugo {
            self.wrong += u64::from(memchr::memmem::find(message, b"\"error\"").is_some());
            self.confirmed += memchr::memmem::find_iter(message, b"\"publish\":").count() as u64;
        }
    }

    fn join(&mut self, place: usize, message: &[u8]) {
        // A frame may hold more than one of Centrifugo's messages.
        for line in String::from_utf8_lossy(message).split('\n') {
            let client = &mut self.clients[place];
            let from = self.from.as_ref().map(|(position, _)| position);
            match self.dialect.step(line, client.role.subscribes(), from) {
                Step::Say(say) => frames::write(frames::TEXT, say.as_bytes(), &mut client.output),
                Step::Ready => {
                    client.stage = Stage::Ready;
                    self.ready += 1;
                    self.epoch = self.dialect.epoch(line).or_else(|| self.epoch.take());
                    let came = memchr::memchr_iter(MARK, line.as_bytes()).count();
                    let lacked = self.from.as_ref().map_or(0, |(_, lacked)| *lacked);
                    self.wrong += u64::from(client.role == Role::Subscriber && came != lacked);
                }
                Step::Ignore => {}
                Step::Wrong => self.wrong += 1,
            }
        }
    }
}

fn send(client: &mut Client) {
    while !client.output.is_empty() && !client.is_waiting_to_write {
        match client.stream.write(&client.output) {
            Ok(sent) => {
                client.output.drain(..sent);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                // What ended is found out by reading.
                client.is_waiting_to_write = error.kind() == ErrorKind::WouldBlock;
                break;
            }
        }
    }
    if client.output.is_empty() && client.role != Role::Publisher {
        client.output = Vec::new();
    }
}
