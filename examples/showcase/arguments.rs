//! The command line.

const USAGE: &str = "\
usage: showcase [--port N] [--database PATH|:memory:] [--behind nginx|apache|lighttpd [--proxy-port N]] [--export]

  --port N           listen on 127.0.0.1:N (default 8080)
  --database PATH    keep the data in this file (default target/showcase/board.sqlite); files lie beside it, in
                     PATH.files; with :memory: the board is a fresh one at every start
  --behind SERVER    let this server send the files: its configuration is written, and how to start it told
  --proxy-port N     the server listens on 127.0.0.1:N (default 8081)
  --export           print the OpenAPI document as JSON, and exit";

use crate::behind::Proxy;

/// What was asked for.
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) behind: Option<Proxy>,
    pub(crate) proxy_port: u16,
    pub(crate) export: bool,
}

impl Arguments {
    pub(crate) fn read() -> Result<Self, String> {
        let mut this = Self {
            port: 8080,
            database: "target/showcase/board.sqlite".to_owned(),
            behind: None,
            proxy_port: 8081,
            export: false,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"));
            match word.as_str() {
                "--port" => this.port = port(&value()?)?,
                "--proxy-port" => this.proxy_port = port(&value()?)?,
                "--behind" => {
                    let proxy = Proxy::named(&value()?);
                    this.behind = Some(proxy.ok_or_else(|| format!("that server is not known\n\n{USAGE}"))?);
                }
                "--database" => this.database = value()?,
                "--export" => {
                    this.export = true;
                    this.database = ":memory:".to_owned();
                }
                _ => return Err(format!("{word} is not known\n\n{USAGE}")),
            }
        }
        Ok(this)
    }
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("`{text}` is no port\n\n{USAGE}"))
}
