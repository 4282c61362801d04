//! The other server.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A server that writes what it is told, byte by byte, and knows nothing of HTTP but where a request's head ends.
pub(crate) struct Remote {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

#[allow(dead_code, reason = "the proxies' tests use less of it")]
impl Remote {
    /// One thread a connection. `answer` gets each request's head; when it returns false, the connection is closed.
    pub(crate) fn scripted(answer: impl Fn(&str, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&heads), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, seen, answer) = (stream.unwrap(), Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || {
                    while let Some(head) = read_head(&mut stream) {
                        seen.lock().unwrap().push(head.clone());
                        if !answer(&head, &mut stream) {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, heads }
    }

    /// Gives everybody the same bytes, and closes.
    pub(crate) fn saying(answer: impl AsRef<[u8]>) -> Self {
        let answer = answer.as_ref().to_vec();
        Self::scripted(move |_, stream| {
            // The other side may have seen enough before all is written.
            let _ = stream.write_all(&answer);
            false
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of all requests so far, in lower case, and in their order.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| head.to_ascii_lowercase()).collect()
    }

    pub(crate) fn forget(&self) {
        self.heads.lock().unwrap().clear();
    }
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    Some(String::from_utf8(head).unwrap())
}

/// Returns when the other side has closed the connection.
pub(crate) fn wait_for_end(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
}
