use std::{any::Any, time::Duration};

use actix_web::{dev::Extensions, rt::net::TcpStream};

/// For [`HttpServer::on_connect`](actix_web::HttpServer::on_connect): lets the system end a TCP connection whose peer takes nothing of
/// what was sent for this long (`TCP_USER_TIMEOUT`).
///
/// Actix has no timeout for writing, and asks a response body for nothing while its write buffer is full. So a peer that does not read
/// can keep a socket and that buffer for ever, be it of a WebSocket or a download; this ends it. Linux only, and only where
/// Actix accepts TCP itself, without TLS; elsewhere it does nothing.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::live::socket::write_timeout;
/// use actix_web::{App, HttpServer};
///
/// let server = HttpServer::new(App::new).on_connect(write_timeout(Duration::from_secs(30)));
/// # let _ = server;
/// ```
pub fn write_timeout(time: Duration) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + Clone + 'static {
    let milliseconds = u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1);
    move |connection, _| {
        if let Some(stream) = connection.downcast_ref::<TcpStream>() {
            set(stream, milliseconds);
        }
    }
}

#[cfg(target_os = "linux")]
fn set(stream: &TcpStream, milliseconds: u32) {
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds) {
        tracing::debug!(target: "actix_charter::live", %error, "TCP_USER_TIMEOUT cannot be set");
    }
}

#[cfg(not(target_os = "linux"))]
fn set(_: &TcpStream, _: u32) {}
