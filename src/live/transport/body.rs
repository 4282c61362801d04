use actix_web::{dev::Payload, http::StatusCode};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

/// Reads a whole body, as far as the limit.
pub(super) async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, StatusCode> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if body.len() + chunk.len() > limit {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
