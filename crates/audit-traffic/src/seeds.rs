//! Seeds of the rates with regular intervals.
//!
//! A seed determines the time of the first request and the jitter of the others. Seeds are arbitrary but fixed, so that a profile gives the same
//! log no matter what its rates are called.

/// Name of a rate and its seed.
const SEEDS: [(&str, u64); 38] = [
    ("node lease", 0xaf49_8656_7a03_1cb8),
    ("node read before a status update", 0x49dd_bf81_3621_2885),
    ("node status", 0x374b_735a_86d2_7007),
    ("kubelet watches", 0x1265_18d0_f130_5257),
    ("root certificate watches", 0x7cc6_f217_3cc3_9ba6),
    ("ConfigMap and Secret watches", 0x4e36_adbd_21d1_f901),
    ("pod token renewal", 0x84a6_e08a_9ceb_eadd),
    ("kubelet authenticates clients", 0x30ea_e898_6a16_fe1d),
    ("kubelet authorizes clients", 0x537e_8bc9_9ff4_143d),
    ("API server lease", 0x69a1_ef67_0233_dcfa),
    ("endpoints of the kubernetes Service", 0x4975_abdb_0e94_c83d),
    (
        "endpoint slice of the kubernetes Service",
        0xf053_aa25_7430_5ca7,
    ),
    ("API server watches", 0xdd01_7bb4_c05d_7804),
    ("readiness probe", 0x403b_8fc0_1fa7_b7fb),
    ("liveness probe", 0x2f90_d960_9f6d_56be),
    ("controller watches", 0xcd71_f1ff_875c_de00),
    ("custom resource watches", 0xc62a_aaa2_0c46_76ec),
    ("scheduler watches", 0x8b2b_64eb_ca13_cac9),
    (
        "watches of the front-proxy certificate",
        0x55fd_4783_0b35_03a9,
    ),
    ("API discovery", 0x577b_618c_21da_dae4),
    ("autoscaler reads a scale", 0xebe9_9de4_ec63_f598),
    ("autoscaler reads metrics", 0x05dc_eed1_b3c8_da6a),
    ("autoscaler updates its status", 0x4b61_0cd2_1fc9_b233),
    ("metrics-server authorizes clients", 0xdf27_4909_7e21_408e),
    (
        "leader election of kube-controller-manager",
        0xf21f_6ac2_999f_a446,
    ),
    ("leader election of kube-scheduler", 0x722e_0b8d_c31e_8a85),
    ("kube-proxy watches", 0x8ab4_17c7_c83f_0ac6),
    ("CoreDNS watches", 0x51ca_00d0_0986_3f9b),
    ("node agent watches", 0x92bb_254a_9c42_344e),
    ("metrics-server watches", 0xa429_23b2_de45_3e19),
    ("kube-state-metrics watches", 0x518a_5915_e081_e42d),
    ("Prometheus target discovery", 0x8693_16ba_1c09_0f24),
    ("API server metrics scraped", 0xf4a5_452d_6160_d2ad),
    (
        "control plane authenticates scrapers",
        0x63fe_e1ed_4a6c_8e13,
    ),
    ("control plane authorizes scrapers", 0x7254_1666_ae94_6901),
    ("operator watches", 0x6e1d_9b43_4f0a_8082),
    ("operator leader election", 0x9b43_d547_88e4_8217),
    ("kubectl API discovery", 0x2905_3e47_0cca_81ce),
];

/// Returns the seed of a rate; `None` if requests of this name are not made at regular intervals.
pub(crate) fn seed(name: &str) -> Option<u64> {
    let found = SEEDS.iter().find(|(other, _)| *other == name);
    found.map(|(_, seed)| *seed)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use audit_policy::KubernetesVersion;

    use super::*;
    use crate::profile::Profile;
    use crate::rate::Timing;
    use crate::rates::rates;

    #[test]
    fn every_regular_rate_has_a_seed_of_its_own() {
        let seeds: HashSet<u64> = SEEDS.iter().map(|(_, seed)| *seed).collect();
        assert_eq!(seeds.len(), SEEDS.len());
        for version in [KubernetesVersion::OLDEST, KubernetesVersion::NEWEST] {
            let profile = Profile {
                version,
                ..Profile::default()
            };
            for rate in rates(&profile).unwrap() {
                if matches!(rate.request.timing, Timing::Regular(_)) {
                    assert!(seed(rate.name).is_some(), "{}", rate.name);
                }
            }
        }
    }
}
