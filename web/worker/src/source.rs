//! Where a log's bytes lie: in memory after a paste, else in the file, from which a place is read again when it is asked for.

use audit_log::Place;

/// The bytes of one file of a log.
pub(crate) enum Source {
    /// A pasted text, or a worked example.
    Text(Vec<u8>),
    /// A file of the person's.
    File(web_sys::File),
    /// What a packed file unpacks to, kept by the browser.
    Unpacked(Vec<web_sys::Blob>),
}

impl Source {
    /// The text at a place; none where the file can no longer be read.
    pub(crate) fn read(&self, place: Place) -> Option<String> {
        let bytes = match self {
            Self::Text(bytes) => {
                let start = usize::try_from(place.offset).ok()?;
                let end = start.checked_add(usize::try_from(place.length).ok()?)?;
                bytes.get(start..end)?.to_vec()
            }
            Self::File(file) => read_blob(file, place)?,
            Self::Unpacked(parts) => {
                let parts: js_sys::Array = parts.iter().collect();
                let whole = web_sys::Blob::new_with_blob_sequence(&parts).ok()?;
                read_blob(&whole, place)?
            }
        };
        String::from_utf8(bytes).ok()
    }
}

fn read_blob(blob: &web_sys::Blob, place: Place) -> Option<Vec<u8>> {
    let (start, length) = (place.offset as f64, place.length as f64);
    let slice = blob.slice_with_f64_and_f64(start, start + length).ok()?;
    let buffer = web_sys::FileReaderSync::new()
        .and_then(|reader| reader.read_as_array_buffer(&slice))
        .ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}
