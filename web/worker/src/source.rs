//! Bytes of a log: in memory after a paste, else in the file, which is read again on request.

use audit_log::Location;

/// Bytes of one file of a log.
pub(crate) enum Source {
    /// A pasted text, or the log of a worked example.
    Text(Vec<u8>),
    /// A file chosen by the user.
    File {
        /// The file. After it has grown or was rotated, the browser can no longer read it.
        file: web_sys::File,
        /// Copy of it, kept by the browser.
        copy: Option<web_sys::Blob>,
    },
    /// Decompressed or generated text, kept by the browser in parts.
    Decompressed(Vec<web_sys::Blob>),
}

impl Source {
    /// Reads the bytes at a place. Returns `None` if the file can no longer be read.
    pub(crate) fn read(&self, place: Location) -> Option<Vec<u8>> {
        self.open()?.read(place.offset, place.length)
    }

    /// Returns the size of the decompressed or generated text that the browser keeps, in bytes.
    pub(crate) fn kept_size(&self) -> f64 {
        match self {
            Self::Decompressed(parts) => parts.iter().map(web_sys::Blob::size).sum(),
            _ => 0.0,
        }
    }

    /// Returns `true` if it is a file that was changed or removed since it was opened.
    pub(crate) fn has_changed(&self) -> bool {
        match self {
            Self::File { file, .. } => file.size() > 0.0 && read_blob(file, 0.0, 1.0).is_none(),
            _ => false,
        }
    }

    /// Returns the copy of a file, if this is its source. The page sends a new `File` object each time, so files are compared by name, size
    /// and time of modification.
    pub(crate) fn copy_of(&self, wanted: &web_sys::File) -> Option<web_sys::Blob> {
        let Self::File { file, copy } = self else {
            return None;
        };
        let is_same = file.name() == wanted.name()
            && file.size().total_cmp(&wanted.size()).is_eq()
            && file
                .last_modified()
                .total_cmp(&wanted.last_modified())
                .is_eq();
        copy.clone().filter(|_| is_same)
    }

    /// Opens the source to read several ranges. A source that is kept in parts is joined for this.
    pub(crate) fn open(&self) -> Option<OpenSource<'_>> {
        Some(match self {
            Self::Text(bytes) => OpenSource::Text(bytes),
            Self::File { file, copy } => {
                let original = || file.clone().into();
                OpenSource::Blob(copy.clone().unwrap_or_else(original))
            }
            Self::Decompressed(parts) => {
                let parts: js_sys::Array = parts.iter().collect();
                OpenSource::Blob(web_sys::Blob::new_with_blob_sequence(&parts).ok()?)
            }
        })
    }
}

/// A source opened for reading.
pub(crate) enum OpenSource<'s> {
    /// Text in memory.
    Text(&'s [u8]),
    /// Bytes kept by the browser.
    Blob(web_sys::Blob),
}

impl OpenSource<'_> {
    /// Reads `length` bytes from an offset on. Returns `None` if they can no longer be read.
    pub(crate) fn read(&self, offset: u64, length: u64) -> Option<Vec<u8>> {
        match self {
            Self::Text(bytes) => {
                let start = usize::try_from(offset).ok()?;
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                Some(bytes.get(start..end)?.to_vec())
            }
            Self::Blob(blob) => read_blob(blob, offset as f64, length as f64),
        }
    }
}

fn read_blob(blob: &web_sys::Blob, start: f64, length: f64) -> Option<Vec<u8>> {
    let slice = blob.slice_with_f64_and_f64(start, start + length).ok()?;
    let buffer = web_sys::FileReaderSync::new()
        .and_then(|reader| reader.read_as_array_buffer(&slice))
        .ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}
