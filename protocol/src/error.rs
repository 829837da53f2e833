/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A message of no bytes.
    #[error("an empty message")]
    Empty,
    /// The first byte is not of this protocol.
    #[error("message kind {0} is not of protocol chengtu.v1")]
    Kind(u8),
    /// The rest does not fit its kind.
    #[error("message of {length} bytes cannot be read: {source}")]
    Body {
        /// Length of the message, bytes.
        length: usize,
        /// What the decoder says.
        #[source]
        source: postcard::Error,
    },
    /// A blob ends beyond the message.
    #[error("frame of {length} bytes is cut off")]
    CutOff {
        /// Length of the message, bytes.
        length: usize,
    },
    /// Not JSON, or JSON of no message.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}
