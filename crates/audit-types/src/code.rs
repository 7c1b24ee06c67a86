//! Tables of the codes that findings have. Each crate that reports findings has one, next to the checks that report them.

use crate::severity::Severity;

/// Entry of a table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code: `AP012`.
    pub id: &'static str,
    /// Usual severity of its findings.
    pub severity: Severity,
    /// Title of the page: "a field at the wrong level".
    pub title: &'static str,
    /// The page, in Markdown: what is wrong, an example of it, and how to fix it.
    pub page: &'static str,
}

/// A code of one crate's table; implemented by the enum that [`codes!`](crate::codes) declares.
pub trait Code: Copy + 'static {
    /// Every code of the crate, in ascending order.
    const TABLE: &'static [CodeInfo];

    /// Returns the code as text and the usual severity of its findings: all that a finding needs, without its page.
    fn head(self) -> (&'static str, Severity);

    /// Returns the code as text.
    fn id(self) -> &'static str {
        self.head().0
    }
}

/// Declares a crate's enum of codes with its table. An entry is a variant, its code, its usual severity and its title.
///
/// The page of a code is the Markdown file `FOLDER/CODE.md`, with the folder relative to the file that declares the enum; its first line is
/// `# CODE: title`, which a test compares with the title here. Without a folder, each entry has its page.
///
/// ```
/// use audit_types::{Code, Severity};
///
/// audit_types::codes! {
///     /// Codes of this crate.
///     pub enum ExampleCode {
///         EmptyPolicy = "AX001", Warning, "a policy without rules", "# AX001: a policy without rules\n";
///     }
/// }
/// assert_eq!(ExampleCode::EmptyPolicy.id(), "AX001");
/// assert_eq!(ExampleCode::TABLE[0].severity, Severity::Warning);
/// ```
#[macro_export]
macro_rules! codes {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident in $folder:literal {
            $($(#[$doc:meta])* $variant:ident = $id:literal, $severity:ident, $title:literal;)+
        }
    ) => {
        $crate::codes! {
            $(#[$attribute])*
            $visibility enum $name {
                $(
                    $(#[$doc])*
                    $variant = $id, $severity, $title,
                        ::core::include_str!(::core::concat!($folder, "/", $id, ".md"));
                )+
            }
        }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $id:literal, $severity:ident, $title:literal, $page:expr;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $(
                #[doc = ::core::concat!("`", $id, "`: ", $title, ".")]
                ///
                $(#[$doc])*
                $variant,
            )+
        }

        impl $crate::Code for $name {
            const TABLE: &'static [$crate::CodeInfo] = &[
                $($crate::CodeInfo {
                    id: $id,
                    severity: $crate::Severity::$severity,
                    title: $title,
                    page: $page,
                },)+
            ];

            #[allow(clippy::indexing_slicing, reason = "the table has an entry per variant, in their order")]
            fn head(self) -> (&'static str, $crate::Severity) {
                // A table of its own, so that a program that reports findings need not contain the pages.
                const HEADS: &[(&str, $crate::Severity)] = &[$(($id, $crate::Severity::$severity),)+];
                HEADS[self as usize]
            }
        }
    };
}
