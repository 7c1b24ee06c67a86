//! Kinds of secrets.

use std::fmt;

/// Kind of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SecretKind {
    /// A password, token or key on a command line or in the parameters of a URL.
    CommandLine,
    /// A JSON Web Token, such as that of a service account.
    JsonWebToken,
    /// A private key.
    PrivateKey,
    /// A user name with its password, in a URL or for HTTP basic authentication.
    BasicAuthentication,
    /// A token for HTTP bearer authentication.
    BearerToken,
    /// A key or token of a cloud or a web service, which starts with known characters.
    ServiceToken,
    /// A field or an environment variable whose name says that it holds a password, token or key.
    NamedValue,
    /// The data of a Secret.
    SecretData,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::CommandLine => "a password or token on a command line",
            Self::JsonWebToken => "a JSON Web Token",
            Self::PrivateKey => "a private key",
            Self::BasicAuthentication => "a user name with its password",
            Self::BearerToken => "a bearer token",
            Self::ServiceToken => "a key of a cloud or web service",
            Self::NamedValue => "a password, token or key",
            Self::SecretData => "the data of a Secret",
        })
    }
}
