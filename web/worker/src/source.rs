//! Where a log's bytes lie: in memory after a paste, else in the file, from which a place is read again when it is asked for.

use audit_log::Location;

/// The bytes of one file of a log.
pub(crate) enum Source {
    /// A pasted text, or a worked example.
    Text(Vec<u8>),
    /// A file of the person's.
    File {
        /// The file. Once it has grown or was rotated away, the browser reads nothing of it any more.
        file: web_sys::File,
        /// What was read of it, kept by the browser.
        copy: Option<web_sys::Blob>,
    },
    /// What a packed file unpacks to, kept by the browser.
    Unpacked(Vec<web_sys::Blob>),
}

impl Source {
    /// The bytes at a place; `None` if the file can no longer be read.
    pub(crate) fn read(&self, place: Location) -> Option<Vec<u8>> {
        self.open()?.read(place.offset, place.length)
    }

    /// How many bytes the browser keeps of what was unpacked or made.
    pub(crate) fn kept_bytes(&self) -> f64 {
        match self {
            Self::Unpacked(parts) => parts.iter().map(web_sys::Blob::size).sum(),
            _ => 0.0,
        }
    }

    /// Whether it is a file that has changed or gone since it was opened.
    pub(crate) fn has_changed(&self) -> bool {
        match self {
            Self::File { file, .. } => file.size() > 0.0 && read_blob(file, 0.0, 1.0).is_none(),
            _ => false,
        }
    }

    /// What was kept of a file, if this is its source. The page hands a file over anew each time, so it is known by what the browser
    /// says of it.
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

    /// What stretches are read from; for several, since a file that was kept in parts is put together for it.
    pub(crate) fn open(&self) -> Option<Opened<'_>> {
        Some(match self {
            Self::Text(bytes) => Opened::Text(bytes),
            Self::File { file, copy } => {
                let original = || file.clone().into();
                Opened::Blob(copy.clone().unwrap_or_else(original))
            }
            Self::Unpacked(parts) => {
                let parts: js_sys::Array = parts.iter().collect();
                Opened::Blob(web_sys::Blob::new_with_blob_sequence(&parts).ok()?)
            }
        })
    }
}

/// The bytes of one file, at hand to be read.
pub(crate) enum Opened<'s> {
    /// In memory.
    Text(&'s [u8]),
    /// With the browser.
    Blob(web_sys::Blob),
}

impl Opened<'_> {
    /// So many bytes from an offset on; none where they are not there any more.
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
