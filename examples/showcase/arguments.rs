//! The command line.

const USAGE: &str = "\
usage: showcase [--port N] [--database PATH|:memory:] [--export]

  --port N           listen on 127.0.0.1:N (default 8080)
  --database PATH    keep the data in this file (default :memory:, a fresh board at every start)
  --export           print the OpenAPI document as JSON, and exit";

/// What was asked for.
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) export: bool,
}

impl Arguments {
    pub(crate) fn read() -> Result<Self, String> {
        let mut this = Self { port: 8080, database: ":memory:".to_owned(), export: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"));
            match word.as_str() {
                "--port" => {
                    this.port = value()?.parse().map_err(|_| format!("that is no port\n\n{USAGE}"))?;
                }
                "--database" => this.database = value()?,
                "--export" => this.export = true,
                _ => return Err(format!("{word} is not known\n\n{USAGE}")),
            }
        }
        Ok(this)
    }
}
