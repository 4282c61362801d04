use std::{borrow::Cow, sync::Arc};

use actix_http::ws;
use actix_web::{
    HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL},
};

use super::{
    HandshakeError, Outbox, SocketBody, SocketHandler, SocketSettings, connection::Connection,
    decoder::Decoder,
};

/// A request that may become a socket: the checks are done, nothing is answered yet.
///
/// ```
/// use std::sync::Arc;
/// use actix_charter::live::socket::{Frame, Handshake, Message, Outbox, SocketHandler, SocketSettings};
/// use actix_web::{Error, HttpRequest, HttpResponse, web};
///
/// struct Echo;
///
/// impl SocketHandler for Echo {
///     fn on_message(&mut self, message: Message, outbox: &Outbox) {
///         let _ = outbox.push(Frame::text(message.as_bytes()));
///     }
/// }
///
/// async fn echo(
///     request: HttpRequest,
///     payload: web::Payload,
///     settings: web::Data<SocketSettings>,
/// ) -> Result<HttpResponse, Error> {
///     let handshake = Handshake::check(&request, &settings.into_inner())?;
///     Ok(handshake.open(payload.into_inner(), |_outbox| Echo))
/// }
/// # let _ = web::get().to(echo);
/// ```
#[derive(Debug)]
pub struct Handshake {
    response: actix_http::ResponseBuilder,
    settings: Arc<SocketSettings>,
    protocol: Option<Cow<'static, str>>,
    #[cfg(feature = "live-deflate")]
    deflate: Option<super::deflate::Parameters>,
}

impl Handshake {
    /// Checks a request (RFC 6455 §4.2.1) and its `Origin`, and chooses the subprotocol and the compression.
    ///
    /// # Errors
    ///
    /// See [`HandshakeError`]; each is a response before the upgrade.
    pub fn check(request: &HttpRequest, settings: &Arc<SocketSettings>) -> Result<Self, HandshakeError> {
        ws::verify_handshake(request.head()).map_err(|error| match error {
            ws::HandshakeError::GetMethodRequired => HandshakeError::Method,
            ws::HandshakeError::NoWebsocketUpgrade | ws::HandshakeError::NoConnectionUpgrade => {
                HandshakeError::NoUpgrade
            }
            ws::HandshakeError::NoVersionHeader | ws::HandshakeError::UnsupportedVersion => {
                HandshakeError::Version
            }
            ws::HandshakeError::BadWebsocketKey => HandshakeError::Key,
        })?;
        if !settings.origins.admits(request) {
            return Err(HandshakeError::Origin);
        }
        let mut response = ws::handshake_response(request.head());
        let protocol = protocol(request, settings);
        if let Some(protocol) = &protocol
            && let Ok(value) = HeaderValue::from_str(protocol)
        {
            response.insert_header((SEC_WEBSOCKET_PROTOCOL, value));
        }
        #[cfg(feature = "live-deflate")]
        let deflate = negotiate(request, settings, &mut response);
        Ok(Self {
            response,
            settings: settings.clone(),
            protocol,
            #[cfg(feature = "live-deflate")]
            deflate,
        })
    }

    /// The subprotocol that was chosen.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// Answers 101. The connection lives in the response's body; `handler` makes what it calls.
    pub fn open<H: SocketHandler>(
        mut self,
        payload: Payload,
        handler: impl FnOnce(&Outbox) -> H,
    ) -> HttpResponse {
        let outbox = Outbox::new(
            &self.settings,
            #[cfg(feature = "live-deflate")]
            self.deflate,
        );
        let decoder = Decoder::new(self.settings.max_message, self.settings.max_empty_fragments);
        #[cfg(feature = "live-deflate")]
        let decoder = decoder.inflating(self.deflate.map(super::deflate::Inflate::new));
        let handler = handler(&outbox);
        let connection = Connection::open(outbox, self.settings, decoder, handler);
        HttpResponse::from(self.response.body(SocketBody::new(connection, payload)).map_into_boxed_body())
    }
}

/// The first protocol the client asks for that is spoken here.
fn protocol(request: &HttpRequest, settings: &SocketSettings) -> Option<Cow<'static, str>> {
    request
        .headers()
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .find_map(|asked| settings.protocols.iter().find(|known| known.as_ref() == asked.trim()))
        .cloned()
}

#[cfg(feature = "live-deflate")]
fn negotiate(
    request: &HttpRequest,
    settings: &SocketSettings,
    response: &mut actix_http::ResponseBuilder,
) -> Option<super::deflate::Parameters> {
    use actix_web::http::header::SEC_WEBSOCKET_EXTENSIONS;
    let offers = request.headers().get_all(SEC_WEBSOCKET_EXTENSIONS).filter_map(|line| line.to_str().ok());
    let (parameters, answer) = super::deflate::negotiate(offers, settings.deflate.as_ref()?)?;
    let answer = HeaderValue::try_from(answer).ok()?;
    response.insert_header((SEC_WEBSOCKET_EXTENSIONS, answer));
    Some(parameters)
}
