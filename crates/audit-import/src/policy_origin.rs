//! Place that the server's policy is read from.
//!
//! Flags only name a file, so that any policy of a text may be meant. Some programs give a policy of their own configuration to the server: another
//! policy of the text, such as one in a ConfigMap that nothing refers to, then says nothing about the server.

/// Place that the server's policy is read from, as far as the document with the settings says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum PolicyOrigin {
    /// A file of the node, whatever writes it.
    #[default]
    File,
    /// A field of the configuration, by the end of its path: no other policy is the server's.
    Field(&'static [&'static str]),
    /// The program has it from elsewhere: an object that the configuration names, a profile, a file outside of the text.
    Program,
    /// An expression of Terraform: the lines of its field, and the reference that it is.
    Expression {
        line: usize,
        reference: Option<String>,
    },
}

/// Number of lines after that of a field of Terraform on which its literal may start.
pub(crate) const LINES_TO_LITERAL: usize = 2;
