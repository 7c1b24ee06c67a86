//! Settings at random, the same on every machine.

use apiserver_config::{Batch, Format, KubernetesVersion, LogBackend, Mode, Settings, Truncate};

/// A small generator, the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        let index = usize::try_from(self.below(list.len() as u64)).unwrap_or_default();
        list.iter()
            .copied()
            .cycle()
            .nth(index)
            .unwrap_or_else(|| unreachable!())
    }

    pub fn number(&mut self) -> i64 {
        self.of(&[
            0,
            -1,
            1,
            7,
            100,
            366,
            400,
            10_000,
            102_400,
            i64::MAX,
            i64::MIN,
        ])
    }

    pub fn path(&mut self) -> String {
        const PARTS: [&str; 26] = [
            "audit",
            "/",
            "log",
            "a b",
            "'",
            "\"",
            "\\",
            "$x",
            "`",
            "#",
            " #",
            ": ",
            "{{ x }}",
            "\n",
            "\t",
            "\u{a0}",
            "\u{2013}",
            "\u{feff}",
            "ж",
            "\u{2028}",
            "\u{85}",
            "=",
            "--audit-log-path=x",
            "[,]",
            "\u{201c}",
            "%",
        ];
        let mut path = String::from("/");
        for _ in 0..self.below(6) {
            path.push_str(self.of(&PARTS));
        }
        path
    }

    pub fn batch(&mut self, default: Batch) -> Batch {
        if self.chance() {
            return default;
        }
        Batch {
            buffer_size: self.number(),
            max_size: self.number(),
            max_wait_ms: self.of(&[0, 1, 30_000, 1_500, 3_600_000]),
            throttle_enable: self.chance(),
            throttle_qps: self.of(&[0.0, 0.1, 10.0, -2.5, 1e-7, 1e20, 0.333_333_34]),
            throttle_burst: self.number(),
        }
    }

    pub fn truncate(&mut self) -> Truncate {
        Truncate {
            enabled: self.chance(),
            max_batch_size: self.number(),
            max_event_size: self.number(),
        }
    }

    pub fn settings(&mut self) -> Settings {
        let mut settings = Settings::new("");
        settings.version = KubernetesVersion::from_minor(20 + self.below(17) as u8).unwrap();
        settings.include_defaults = self.below(4) == 0;
        settings.policy_path = self.path();
        settings.log = LogBackend {
            path: if self.below(4) == 0 {
                "-".to_owned()
            } else {
                self.path()
            },
            max_age_days: self.number(),
            max_backups: self.number(),
            max_size_mb: self.number(),
            compress: self.chance(),
            format: self.of(&[Format::Json, Format::Legacy]),
            mode: self.of(&[Mode::Batch, Mode::Blocking, Mode::BlockingStrict]),
            api_version: self.of(&["audit.k8s.io/v1", "a/b/c", ""]).to_owned(),
            batch: self.batch(Batch::log_default()),
            truncate: self.truncate(),
        };
        let webhook = &mut settings.webhook;
        webhook.config_path = self.path();
        webhook.mode = self.of(&[Mode::Batch, Mode::Blocking, Mode::BlockingStrict]);
        webhook.initial_backoff_ms = self.of(&[0, 10_000, 250]);
        webhook.batch = self.batch(Batch::webhook_default());
        webhook.truncate = self.truncate();
        for path in [
            &mut settings.policy_path,
            &mut settings.log.path,
            &mut settings.webhook.config_path,
        ] {
            if self.below(8) == 0 {
                path.clear();
            }
        }
        settings
    }
}
