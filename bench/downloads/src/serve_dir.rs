//! tower-http's `ServeDir` on hyper, on one thread.

use std::{net::SocketAddr, path::Path};

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// Serves `directory` until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(directory: &Path, nodelay: bool, ready: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        ready(listener.local_addr()?);
        let service = ServeDir::new(directory);
        loop {
            let (stream, _) = listener.accept().await?;
            if nodelay {
                stream.set_nodelay(true)?;
            }
            let service = TowerToHyperService::new(service.clone());
            tokio::task::spawn_local(async move {
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
