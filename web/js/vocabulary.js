/**
 * The vocabulary of audit policies, and how kube-apiserver interprets it: fields, levels, stages, verbs, and known names.
 *
 * Data only. Resources are the built-in ones of Kubernetes 1.36 without alpha versions, from client-go's release branch and the
 * lifecycle marks of k8s.io/api. Any other name is equally valid: the server compares text and looks nothing up.
 */

/**
 * @typedef {"scalar" | "flag" | "strings" | "mappings"} Shape
 * @typedef {object} Field
 * @property {Shape} shape
 * @property {string} about What the server does with it; code in backticks.
 */

const OMIT_MANAGED_FIELDS = "Leaves `managedFields` out of the bodies recorded";

/** The fields of each mapping, in the order in which they are usually written. @type {Record<string, Record<string, Field>>} */
export const FIELDS = {
  policy: {
    apiVersion: { shape: "scalar", about: "Must be `audit.k8s.io/v1`. The beta and alpha versions are rejected since Kubernetes 1.24." },
    kind: { shape: "scalar", about: "`Policy`. If it is missing, the server assumes `Policy`; any other kind is rejected." },
    metadata: { shape: "mappings", about: "Object metadata. The server ignores it." },
    omitStages: {
      shape: "strings",
      about: "Stages at which no event is written, whatever the rule. A rule can add stages but not remove them.",
    },
    omitManagedFields: { shape: "flag", about: `${OMIT_MANAGED_FIELDS}, unless a rule overrides it. Since Kubernetes 1.23.` },
    rules: {
      shape: "mappings",
      about: "Evaluated from the top; the first rule that matches decides. A request that matches no rule is not logged. " +
        "A policy without rules is rejected.",
    },
  },
  rule: {
    level: { shape: "scalar", about: "How much is recorded of requests that match this rule. Required, and case-sensitive." },
    users: {
      shape: "strings",
      about: "The authenticated user's name must equal one of these: `*` is not a wildcard. The impersonated user is not compared, and a " +
        "request whose authentication failed has no user to match.",
    },
    userGroups: {
      shape: "strings",
      about: "At least one of the user's groups must equal one of these: `*` is not a wildcard.",
    },
    verbs: {
      shape: "strings",
      about: "The request's verb must be one of these: `*` is not a wildcard. If missing or empty, every verb matches. " +
        "For non-resource URLs it is the HTTP method in lower case.",
    },
    resources: {
      shape: "mappings",
      about: "At least one entry must match the request's API group, resource and name. The rule then matches resource requests only.",
    },
    namespaces: {
      shape: "strings",
      about: "The request's namespace must be one of these. `\"\"` stands for cluster-scoped requests and for lists and watches across all " +
        "namespaces. The rule then matches resource requests only.",
    },
    nonResourceURLs: {
      shape: "strings",
      about: "The request's path must be one of these, or begin with the part before a final `*`. The rule then matches non-resource " +
        "requests only, and cannot have `resources` or `namespaces` as well.",
    },
    omitStages: { shape: "strings", about: "Stages at which this rule writes no event, in addition to those that the policy omits." },
    omitManagedFields: { shape: "flag", about: `${OMIT_MANAGED_FIELDS} by this rule; \`false\` overrides the policy's \`true\`. Since Kubernetes 1.23.` },
  },
  resources: {
    group: {
      shape: "scalar",
      about: "The API group without its version; `\"\"`, or nothing, is the core group. `*` means every group since Kubernetes 1.36 and is " +
        "rejected before.",
    },
    resources: {
      shape: "strings",
      about: "The plural must be one of these. A subresource must be named: `pods` does not match `pods/log`. If missing or empty, everything " +
        "in the group matches, subresources included.",
    },
    resourceNames: {
      shape: "strings",
      about: "The name in the request's URL must be one of these, so a create never matches, nor a list or watch whose field selector does " +
        "not select `metadata.name`. Needs `resources`.",
    },
  },
};

/** @type {Record<string, string>} */
export const LEVELS = {
  None: "Writes nothing.",
  Metadata: "Writes who requested what, when, and the outcome; no bodies.",
  Request: "Writes the metadata and the request body. Requests without a body, such as `get` and `watch`, are written as at Metadata.",
  RequestResponse: "Writes the metadata, the request body and the response body, which for a list contains every object.",
};

/** @type {Record<string, string>} */
export const STAGES = {
  RequestReceived: "The request was received and not handled so far: no status and no bodies yet. Every authenticated request has this stage.",
  ResponseStarted: "The headers were sent and the body follows. Only long-running requests have this stage, such as watches, logs and exec, " +
    "and failed authentications, which have no other.",
  ResponseComplete: "The response is complete. Every request ends here unless it panics or fails authentication.",
  Panic: "The handler panicked; ResponseComplete is not written in this case.",
};

/** @type {Record<string, string>} */
export const VERBS = {
  get: "GET or HEAD of one object by name. `pods/exec` and similar are `get` or `create`, depending on the HTTP method.",
  list: "GET of a collection.",
  watch: "GET of a collection with `watch` in its query; a long-running request.",
  create: "POST; the name is not in the URL, so `resourceNames` does not match it.",
  update: "PUT of an object.",
  patch: "PATCH of an object; the body recorded is the patch as sent.",
  delete: "DELETE of one object by name.",
  deletecollection: "DELETE of a collection.",
  post: "POST to a non-resource URL. For a resource the verb is `create`.",
  put: "PUT to a non-resource URL. For a resource the verb is `update`.",
  head: "HEAD of a non-resource URL. For a resource the verb is `get` or `list`.",
  options: "OPTIONS of a non-resource URL. For a resource the verb is empty.",
  proxy: "Only below the old path `/api/v1/proxy/`. Proxying through `pods/proxy` has the verb of its HTTP method.",
};

/** Verbs of non-resource URLs that resources do not have. */
export const HTTP_VERBS = ["post", "put", "head", "options"];

/** @type {Record<string, string>} */
export const USERS = {
  "system:kube-proxy": "kube-proxy",
  "system:kube-controller-manager": "the controller manager; its controllers usually have service accounts",
  "system:kube-scheduler": "the scheduler",
  "system:apiserver": "the API server's calls to itself",
  "system:anonymous": "a request without credentials, if allowed",
  "system:serviceaccount:kube-system:generic-garbage-collector": "the garbage collector",
  "system:serviceaccount:kube-system:namespace-controller": "the namespace controller",
  "kubernetes-admin": "kubeadm's administrator",
};

/** @type {Record<string, string>} */
export const USER_GROUPS = {
  "system:authenticated": "everyone who has authenticated",
  "system:unauthenticated": "anonymous requests",
  "system:masters": "unrestricted administrators",
  "system:nodes": "kubelets",
  "system:serviceaccounts": "every service account",
  "system:serviceaccounts:kube-system": "the service accounts of one namespace",
  "system:bootstrappers": "nodes that are joining",
  "kubeadm:cluster-admins": "kubeadm's administrators",
};

/** @type {Record<string, string>} */
export const NAMESPACES = {
  default: "",
  "kube-system": "",
  "kube-public": "",
  "kube-node-lease": "",
  "": "cluster-scoped, and across all namespaces",
};

/** @type {Record<string, string>} */
export const NON_RESOURCE_URLS = {
  "/healthz*": "health",
  "/livez*": "liveness",
  "/readyz*": "readiness",
  "/version": "the server's version",
  "/metrics": "metrics",
  "/metrics/*": "more metrics",
  "/api*": "discovery",
  "/apis*": "discovery of groups",
  "/openapi*": "OpenAPI documents",
  "/.well-known/*": "service account issuer",
  "/openid/*": "service account keys",
  "/logs*": "the node's log files",
  "/debug/*": "profiling",
  "/": "the list of paths",
  "*": "every non-resource URL",
};

/** Each group's resources, and behind a slash their subresources. */
const BUILT_IN = {
  "": "pods/attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status secrets configmaps services/proxy,status " +
    "endpoints events namespaces/finalize,status nodes/proxy,status serviceaccounts/token persistentvolumes/status persistentvolumeclaims/status " +
    "replicationcontrollers/scale,status resourcequotas/status limitranges podtemplates bindings componentstatuses",
  apps: "deployments/scale,status daemonsets/status statefulsets/scale,status replicasets/scale,status controllerrevisions",
  batch: "jobs/status cronjobs/status",
  "rbac.authorization.k8s.io": "roles rolebindings clusterroles clusterrolebindings",
  "networking.k8s.io": "ingresses/status networkpolicies ingressclasses ipaddresses servicecidrs/status",
  "authentication.k8s.io": "tokenreviews selfsubjectreviews",
  "authorization.k8s.io": "subjectaccessreviews selfsubjectaccessreviews localsubjectaccessreviews selfsubjectrulesreviews",
  "coordination.k8s.io": "leases leasecandidates",
  "admissionregistration.k8s.io": "validatingwebhookconfigurations mutatingwebhookconfigurations validatingadmissionpolicies/status " +
    "validatingadmissionpolicybindings mutatingadmissionpolicies mutatingadmissionpolicybindings",
  "apiextensions.k8s.io": "customresourcedefinitions/status",
  "apiregistration.k8s.io": "apiservices/status",
  autoscaling: "horizontalpodautoscalers/status",
  "certificates.k8s.io": "certificatesigningrequests/approval,status clustertrustbundles podcertificaterequests/status",
  "discovery.k8s.io": "endpointslices",
  "events.k8s.io": "events",
  "flowcontrol.apiserver.k8s.io": "flowschemas/status prioritylevelconfigurations/status",
  "node.k8s.io": "runtimeclasses",
  policy: "poddisruptionbudgets/status",
  "resource.k8s.io": "resourceclaims/status resourceclaimtemplates resourceslices deviceclasses devicetaintrules/status",
  "scheduling.k8s.io": "priorityclasses",
  "storage.k8s.io": "storageclasses volumeattachments/status csidrivers csinodes csistoragecapacities volumeattributesclasses",
  "storagemigration.k8s.io": "storageversionmigrations/status",
};

/** Groups that the cluster serves through add-ons, so well known that they are worth offering. */
const ADD_ONS = { "metrics.k8s.io": "pods nodes" };

/** By group, its resources as a policy names them, subresources as `pods/exec` after their resource. @type {Map<string, string[]>} */
export const RESOURCES = new Map(
  Object.entries({ ...BUILT_IN, ...ADD_ONS }).map(([group, names]) => [
    group,
    names.split(" ").flatMap((entry) => {
      const [resource, subresources = ""] = entry.split("/");
      return [resource, ...subresources.split(",").filter(Boolean).map((name) => `${resource}/${name}`)];
    }),
  ]),
);
