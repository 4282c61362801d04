//! One server: `download-server KIND DIRECTORY [--os-delay]`. Writes its address once it listens.
//!
//! `download-server fragment DIRECTORY UPSTREAM` writes what nginx must be told instead.

use std::{net::SocketAddr, path::PathBuf};

use actix_web::{App, HttpServer};
use bench_downloads::{
    application::{Kind, configure, offload},
    serve_dir,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fragment", directory, upstream] => {
            print!("{}", offload(directory.as_ref()).config_fragment(upstream)?);
            Ok(())
        }
        [kind, directory] => serve(kind, directory.into(), true),
        [kind, directory, "--os-delay"] => serve(kind, directory.into(), false),
        _ => Err("usage: KIND DIRECTORY [--os-delay], or fragment DIRECTORY UPSTREAM".into()),
    }
}

fn serve(kind: &str, directory: PathBuf, nodelay: bool) -> Result<(), Box<dyn std::error::Error>> {
    let ready = |address: SocketAddr| println!("{address}");
    if kind == "serve-dir" {
        return Ok(serve_dir::run(&directory, nodelay, ready)?);
    }
    let kind = Kind::named(kind).ok_or_else(|| format!("there is no server `{kind}`"))?;
    actix_rt::System::new().block_on(async move {
        let routes = configure(kind, &directory);
        let mut server = HttpServer::new(move || App::new().configure(routes.clone())).workers(1);
        if nodelay {
            server = server.tcp_nodelay(true);
        }
        let server = server.bind(("127.0.0.1", 0))?;
        for address in server.addrs() {
            ready(address);
        }
        server.run().await?;
        Ok(())
    })
}
