//! What has no length, for a server in front that would pass on a part of it as if it were the whole.

use std::{collections::VecDeque, future::poll_fn, num::NonZeroU64, pin::Pin};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
};
use futures_util::stream;

use super::{
    DownloadError,
    paced_body::PacedBody,
    primed::{Primed, told},
    source::Supply,
    stream_body::{BoxStream, StreamBody},
};

/// An answer of unknown length says so to the [`Delivery`](super::Delivery) that it passes on its way out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ungathered {
    /// How many bytes are gathered.
    pub(crate) most: usize,
    /// The limit that holds for the client, not for the gathering.
    pub(crate) rate_limit: Option<NonZeroU64>,
}

/// The body with its length, if it is no longer than `most` bytes.
///
/// # Errors
/// When it breaks off before it is gathered.
async fn gather(mut body: BoxBody, most: usize) -> Result<BoxBody, DownloadError> {
    let (mut first, mut length) = (VecDeque::new(), 0_usize);
    while let Some(chunk) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
        let chunk = chunk.map_err(|error| told(&*error))?;
        length = length.saturating_add(chunk.len());
        first.push_back(chunk);
        if length > most {
            tracing::warn!(
                target: "actix_charter::download", most,
                "a file is too long to be gathered; should it break off, the server in front passes it on as if it were whole: \
                 tell its length, or keep it in the cache"
            );
            return Ok(Primed { first, rest: Some(body), size: BodySize::Stream }.boxed());
        }
    }
    Ok(Primed { first, rest: None, size: BodySize::Sized(length as u64) }.boxed())
}

/// The supply with a length, if it has none yet and is no longer than `most` bytes.
///
/// # Errors
/// When it breaks off before it is gathered.
pub(crate) async fn supply(supply: Supply, most: usize) -> Result<Supply, DownloadError> {
    Ok(match supply {
        Supply::Stream(stream, None) => {
            let (stream, length) = counted(stream, most).await?;
            Supply::Stream(stream, length)
        }
        Supply::Remote { stream, length: None, ranges } => {
            let (stream, length) = counted(stream, most).await?;
            Supply::Remote { stream, length, ranges }
        }
        other => other,
    })
}

async fn counted(stream: BoxStream, most: usize) -> Result<(BoxStream, Option<u64>), DownloadError> {
    let mut body = gather(StreamBody::new(stream, None).boxed(), most).await?;
    let length = match body.size() {
        BodySize::Sized(length) => Some(length),
        BodySize::None | BodySize::Stream => None,
    };
    Ok((Box::pin(stream::poll_fn(move |context| Pin::new(&mut body).poll_next(context))), length))
}

/// The answer with a length, if it is no longer than is to be gathered.
///
/// # Errors
/// When it breaks off before it is gathered.
pub(crate) async fn answer<B>(
    response: HttpResponse<B>,
    Ungathered { most, rate_limit }: Ungathered,
) -> Result<HttpResponse, DownloadError>
where
    B: MessageBody + 'static,
{
    let (response, body) = response.into_parts();
    let body = gather(body.boxed(), most).await?;
    Ok(response.set_body(match rate_limit {
        Some(rate) => PacedBody::new(body, rate).boxed(),
        None => body,
    }))
}
