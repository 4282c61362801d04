use actix_web::{HttpResponse, dev::Payload};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

/// Reads a whole body, as far as the limit.
pub(super) async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, HttpResponse> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| HttpResponse::BadRequest().finish())?;
        if body.len() + chunk.len() > limit {
            return Err(HttpResponse::PayloadTooLarge().finish());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
