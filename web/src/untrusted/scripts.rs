//! Scripts of letters, and the letters that look like Latin ones: as much of Unicode's tables as telling names apart needs.

/// A script, or a set of letter forms that is not used for ordinary text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Georgian,
    Ethiopic,
    Cherokee,
    Canadian,
    Coptic,
    Lisu,
    /// Chinese characters, kana, Hangul and bopomofo.
    EastAsian,
    FullWidth,
    Mathematical,
    Phonetic,
    Enclosed,
}

impl Script {
    /// As sentences have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Greek => "Greek",
            Self::Cyrillic => "Cyrillic",
            Self::Armenian => "Armenian",
            Self::Hebrew => "Hebrew",
            Self::Arabic => "Arabic",
            Self::Indic => "Indic",
            Self::Thai => "Thai",
            Self::Georgian => "Georgian",
            Self::Ethiopic => "Ethiopic",
            Self::Cherokee => "Cherokee",
            Self::Canadian => "Canadian syllabics",
            Self::Coptic => "Coptic",
            Self::Lisu => "Lisu",
            Self::EastAsian => "East Asian",
            Self::FullWidth => "full-width",
            Self::Mathematical => "mathematical",
            Self::Phonetic => "phonetic",
            Self::Enclosed => "enclosed",
        }
    }
}

/// Ranges of code points by script, in order.
const RANGES: [(u32, u32, Script); 56] = [
    (0x41, 0x5a, Script::Latin),
    (0x61, 0x7a, Script::Latin),
    (0xaa, 0xaa, Script::Latin),
    (0xba, 0xba, Script::Latin),
    (0xc0, 0xd6, Script::Latin),
    (0xd8, 0xf6, Script::Latin),
    (0xf8, 0x24f, Script::Latin),
    (0x250, 0x2af, Script::Phonetic),
    (0x370, 0x373, Script::Greek),
    (0x376, 0x37d, Script::Greek),
    (0x37f, 0x37f, Script::Greek),
    (0x386, 0x386, Script::Greek),
    (0x388, 0x3e1, Script::Greek),
    (0x3e2, 0x3ef, Script::Coptic),
    (0x3f0, 0x3ff, Script::Greek),
    (0x400, 0x52f, Script::Cyrillic),
    (0x531, 0x588, Script::Armenian),
    (0x591, 0x5c2, Script::Hebrew),
    (0x5c4, 0x5f2, Script::Hebrew),
    (0x620, 0x65f, Script::Arabic),
    (0x66e, 0x6d3, Script::Arabic),
    (0x6d5, 0x6ff, Script::Arabic),
    (0x750, 0x77f, Script::Arabic),
    (0x8a0, 0x8ff, Script::Arabic),
    (0x900, 0xdff, Script::Indic),
    (0xe01, 0xe4e, Script::Thai),
    (0x10a0, 0x10ff, Script::Georgian),
    (0x1100, 0x11ff, Script::EastAsian),
    (0x1200, 0x139f, Script::Ethiopic),
    (0x13a0, 0x13fd, Script::Cherokee),
    (0x1401, 0x167f, Script::Canadian),
    (0x1c80, 0x1c8f, Script::Cyrillic),
    (0x1c90, 0x1cbf, Script::Georgian),
    (0x1d00, 0x1dbf, Script::Phonetic),
    (0x1e00, 0x1eff, Script::Latin),
    (0x1f00, 0x1fff, Script::Greek),
    (0x2100, 0x214f, Script::Mathematical),
    (0x2160, 0x2188, Script::Mathematical),
    (0x2460, 0x24ff, Script::Enclosed),
    (0x2c60, 0x2c7f, Script::Latin),
    (0x2c80, 0x2cff, Script::Coptic),
    (0x2d00, 0x2d2d, Script::Georgian),
    (0x2de0, 0x2dff, Script::Cyrillic),
    (0x2e80, 0x2fdf, Script::EastAsian),
    (0x3005, 0x3007, Script::EastAsian),
    (0x3021, 0x4dbf, Script::EastAsian),
    (0x4e00, 0x9fff, Script::EastAsian),
    (0xa4d0, 0xa4fd, Script::Lisu),
    (0xa640, 0xa69f, Script::Cyrillic),
    (0xa722, 0xa788, Script::Latin),
    (0xa78b, 0xa7ff, Script::Latin),
    (0xac00, 0xd7ff, Script::EastAsian),
    (0xf900, 0xfaff, Script::EastAsian),
    (0xff10, 0xff5e, Script::FullWidth),
    (0x1d400, 0x1d7ff, Script::Mathematical),
    (0x20000, 0x323af, Script::EastAsian),
];

/// The script of a letter; `None` for what is not a letter, and for scripts that nothing here asks about.
pub fn script_of(character: char) -> Option<Script> {
    let code = u32::from(character);
    if code < 0x80 {
        return character.is_ascii_alphabetic().then_some(Script::Latin);
    }
    let after = RANGES.partition_point(|(first, ..)| *first <= code);
    let (_, last, script) = RANGES.get(after.checked_sub(1)?)?;
    (code <= *last).then_some(*script)
}

/// Letters of these scripts that look like Latin ones.
const CYRILLIC: &str = "авсԁеёһіїјӏкорԛѕтуѵԝхүґАВСЕЁНІЇЈКМОРЅТУХԚԜҮ";
const GREEK: &str = "αγηικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ";
const ARMENIAN: &str = "հոսցօյզքՏԼՕՍ";
const CHEROKEE: &str = "ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᏀᏂᏃᏎᏒᏔᏚᏞᏟᏢᏦᏭᏮᏳᏴ";
const COPTIC: &str = "ⲀⲂⲈⲌⲎⲒⲔⲘⲚⲞⲢⲦⲨⲬⲟⲣⲥ";

/// Returns `true` if a letter of a script looks like a Latin one.
pub fn is_confusable(character: char, script: Script) -> bool {
    let letters = match script {
        Script::Cyrillic => CYRILLIC,
        Script::Greek => GREEK,
        Script::Armenian => ARMENIAN,
        Script::Cherokee => CHEROKEE,
        Script::Coptic => COPTIC,
        // These are Latin letters in another form, most of them.
        Script::Lisu | Script::FullWidth | Script::Mathematical | Script::Phonetic => return true,
        _ => return false,
    };
    letters.contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_order_and_apart() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn letters_have_their_scripts() {
        for (letter, script) in [
            ('a', Some(Script::Latin)),
            ('ß', Some(Script::Latin)),
            ('\u{430}', Some(Script::Cyrillic)),
            ('\u{3b1}', Some(Script::Greek)),
            ('\u{561}', Some(Script::Armenian)),
            ('\u{5d0}', Some(Script::Hebrew)),
            ('\u{627}', Some(Script::Arabic)),
            ('\u{4eba}', Some(Script::EastAsian)),
            ('1', None),
            ('-', None),
            ('×', None),
        ] {
            assert_eq!(script_of(letter), script, "{letter}");
        }
    }

    #[test]
    fn confusable_letters_are_of_their_script() {
        for (letters, script) in [
            (CYRILLIC, Script::Cyrillic),
            (GREEK, Script::Greek),
            (ARMENIAN, Script::Armenian),
            (CHEROKEE, Script::Cherokee),
            (COPTIC, Script::Coptic),
        ] {
            for letter in letters.chars() {
                assert_eq!(script_of(letter), Some(script), "{letter}");
            }
        }
    }
}
