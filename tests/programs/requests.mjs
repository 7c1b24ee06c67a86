// Events about odd requests, the same ones in every run: URIs that are taken apart in an unexpected way, and fields that are missing or of another type.

/** Returns numbers from 0 to 1 (xorshift32). @param {number} seed */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "post", "", "GET"];
const PREFIXES = ["/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/api", "/apis", "/apis/apps", "//api/v1", "/api//v1", "/apis//v1", "", "/healthz", "/version", "/metrics", "/API/v1"];
/** Segments with a meaning, which are more frequent. */
const KNOWN = ["namespaces", "dev", "kube-system", "pods", "secrets", "deployments", "web", "log", "exec", "scale", "status", "finalize", "watch", "proxy"];
const SEGMENTS = ["namespaces", "dev", "kube-system", "pods", "configmaps", "secrets", "deployments", "web", "a", "log", "exec", "scale", "status", "finalize", "watch", "proxy", "", "*", "é", "%C3%A9", "%2F", "%2f", "a%20b", "%ff", "%ED%A0%80", "%F4%90%80%80", "%F4%8F%BF%BF", "%C0%80", "%E0%80%80", "%F0%80%80%80", "%F0%9F%98%80", "%zz", "%", "%4", "a+b", "%2B", "%25", "%2541", "..", "o'neil", '"', "\\", "\u0000", "\n", "$x", "{{y}}", "%00", "%61", "%E2%82"];
const QUERIES = ["", "?", "?watch=1", "?limit=500", "?fieldSelector=metadata.name%3Dweb", "?fieldSelector=metadata.name=web&limit=500", "?limit=x&fieldSelector=metadata.name%3Dweb", "?limit=&fieldSelector=metadata.name%3Dweb", "?fieldSelector=metadata.name%3D%3Dweb", "?fieldSelector=metadata.name!=web", "?fieldSelector=metadata.name%3Da,metadata.name%3Dweb", "?fieldSelector=metadata.name%3Dweb,metadata.namespace%3Ddev", "?fieldSelector=spec.nodeName%3Dn1%2Cmetadata.name%3Dweb", "?fieldSelector=spec.nodeName%3Dn1", "?field%53elector=metadata.name%3Dweb", "?fieldSelector=metadata%2Ename%3Dweb", "?fieldSelector=metadata.name%3Dweb&fieldSelector=x", "?fieldSelector=x&fieldSelector=metadata.name%3Dweb", "?labelSelector=a%3Db&fieldSelector=metadata.name%3Dweb", "?labelSelector=%21%21&fieldSelector=metadata.name%3Dweb", "?fieldSelector=metadata.name%3D..", "?fieldSelector=metadata.name%3D", "?fieldSelector=metadata.name%3Da%2Fweb", "?fieldSelector=metadata.name%3Dweb;", "?;&fieldSelector=metadata.name%3Dweb", "?a?b&fieldSelector=metadata.name%3Dweb", "?timeoutSeconds=99999999999999999999&fieldSelector=metadata.name%3Dweb", "?timeoutSeconds=401&fieldSelector=metadata.name%3Dweb&watch=true&resourceVersion=12", "?fieldSelector=metadata.name%3Dweb\n", "?fieldSelector=metadata.name%3D%3D%3Dweb", "?labelSelector=metadata.name", "?%zz&fieldSelector=metadata.name%3Dweb"];
const USERS = [{}, { username: "alice" }, { username: "alice", groups: ["dev", "system:authenticated"] }, { username: "", groups: [] }, { groups: ["system:nodes"] }, { username: "o'neil", groups: ['a"b'] }, { username: "system:node:n1", groups: ["system:nodes"] }, { username: null, groups: null }, { username: 5, groups: ["dev"] }, { username: "bob", groups: ["dev", 5, null] }, { username: "bob", groups: "dev" }, null, "alice", [], { username: "a\u0000b" }, { username: "\\" }, { username: "é" }];
const STAGES = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic", "ResponseComplete", "Other", null, 7];

/**
 * Returns lines of a log.
 * @param {number} count @param {number} [seed]
 */
export function oddLines(count, seed = 7) {
  const random = randomNumbers(seed);
  const one = (list) => list[Math.floor(random() * list.length)];
  const path = () => {
    const length = Math.floor(random() * 7);
    const segments = Array.from({ length }, () => one(random() < 0.7 ? KNOWN : SEGMENTS));
    if (random() < 0.4) segments.unshift("namespaces");
    return one(random() < 0.5 ? ["/api/v1", "/apis/apps/v1"] : PREFIXES) + segments.map((segment) => `/${segment}`).join("") + (random() < 0.1 ? "/" : "");
  };
  return Array.from({ length: count }, () => {
    /** @type {Record<string, unknown>} */
    const event = { kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: "x", stage: one(STAGES), requestURI: path() + one(QUERIES), verb: one(VERBS), user: one(USERS) };
    // What a field selector selects shows only in lists and watches.
    if (random() < 0.2) Object.assign(event, { verb: one(["list", "watch"]), requestURI: `/api/v1/namespaces/dev/pods${one(QUERIES)}`, user: { username: "carol" } });
    if (random() < 0.02) delete event[one(["stage", "requestURI", "verb", "user"])];
    if (random() < 0.01) event.requestURI = one([null, 5, ["/api"]]);
    const line = JSON.stringify(event);
    // A repeated field, of which the last one counts.
    return random() < 0.01 ? `${line.slice(0, -1)},"verb":"get"}` : line;
  });
}
