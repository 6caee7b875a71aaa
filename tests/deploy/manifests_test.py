#!/usr/bin/env python3
"""The Kubernetes manifests: manifests_test.py --bin FOLDER --programs FOLDER

Every overlay is built and held against the schemas of several Kubernetes versions, and against what no
schema knows: that the parts name each other, that commands and flags are those of our programs, and that
every container is as confined as it is said to be. The chart is held against the overlays. Needs
kubernetes-validate, in the tests' Python, and a folder with kubectl and helm.
"""

import copy
import functools
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml
from cloudcoil.models.cert_manager.v1 import Certificate, Issuer

import test_arguments
from program_flags import flags_of, unknown_flags

KUBERNETES = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
VERSIONS = ("1.30", "1.33", "1.36")
# Of operators, which Kubernetes' own schemas don't have.
FOREIGN = {"Certificate": "cert-manager.io/v1", "Issuer": "cert-manager.io/v1",
           "ServiceMonitor": "monitoring.coreos.com/v1"}

BIN, PROGRAMS = (path.resolve() for path in test_arguments.take("bin", "programs"))


@functools.cache
def build(folder):
    done = subprocess.run([PROGRAMS / "kubectl", "kustomize", KUBERNETES / folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return tuple(yaml.safe_load_all(done.stdout))


def render(*settings):
    """The chart's documents."""
    command = [PROGRAMS / "helm", "template", "any", KUBERNETES / "chart", "--namespace", "firstguess"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return tuple(document for document in yaml.safe_load_all(done.stdout) if document)


def specs(documents):
    """What documents ask for, by kind and name."""
    return {(document["kind"], document["metadata"]["name"]): document["spec"] for document in documents
            if document["kind"] not in ("Namespace", *FOREIGN)}


def overlays():
    return [(name, build(f"overlays/{name}")) for name in OVERLAYS]


def workloads(documents):
    return [document for document in documents if document["kind"] in ("StatefulSet", "Deployment", "Job")]


def pods(documents):
    """(name, template) of all that makes pods."""
    return [(workload["metadata"]["name"], workload["spec"]["template"]) for workload in workloads(documents)]


def pod(documents, name):
    return dict(pods(documents))[name]["spec"]


def matches(selector, labels):
    return selector.get("matchLabels", selector).items() <= labels.items()


def problems_of(document, version):
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{document['kind']} {document['metadata']['name']}: {error.message}"
    return None


def problems_of_certificates(document):
    """What cert-manager would not take of a document of its own, as text; None: nothing."""
    model = {"Certificate": Certificate, "Issuer": Issuer}[document["kind"]]
    try:
        read = model.model_validate(document).model_dump(by_alias=True, exclude_unset=True, mode="json")
    except ValueError as error:
        return str(error)
    # What the model doesn't know, it leaves out.
    return None if read == document else f"{document} is read as {read}"


class ManifestsTest(unittest.TestCase):
    def test_every_version_takes_every_document(self):
        seen = []
        for name, documents in overlays():
            for document in documents:
                if document["kind"] in FOREIGN:
                    self.assertEqual(document["apiVersion"], FOREIGN[document["kind"]])
                    continue
                if document in seen:  # most are the same in every overlay
                    continue
                seen.append(document)
                for version in VERSIONS:
                    with self.subTest(overlay=name, version=version):
                        self.assertIsNone(problems_of(document, version))

    def test_a_misspelt_field_is_found(self):
        document = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"prots": []}}
        for version in VERSIONS:
            self.assertIn("prots", problems_of(document, version))

    def test_cert_manager_takes_what_is_its_own(self):
        documents = [document for document in build("overlays/cluster") if document["apiVersion"] == FOREIGN["Issuer"]]
        self.assertGreater(len(documents), 4)
        for document in documents:
            self.assertIsNone(problems_of_certificates(document))

    def test_what_cert_manager_does_not_take_is_found(self):
        def worker():
            document, = (copy.deepcopy(one) for one in build("overlays/cluster")
                         if (one["kind"], one["metadata"]["name"]) == ("Certificate", "worker"))
            return document
        misspelt = worker()
        misspelt["spec"]["uri"] = misspelt["spec"].pop("uris")
        self.assertIn("is read as", problems_of_certificates(misspelt))
        unknown = worker()
        unknown["spec"]["usages"] = ["clients"]
        self.assertIn("usages", problems_of_certificates(unknown))

    def test_names_are_unique(self):
        for name, documents in overlays():
            ids = [(document["kind"], document["metadata"]["name"]) for document in documents]
            self.assertEqual(len(ids), len(set(ids)), name)

    def test_everything_is_in_the_namespace(self):
        for _, documents in overlays():
            for document in documents:
                if document["kind"] != "Namespace":
                    self.assertEqual(document["metadata"]["namespace"], "firstguess", document["metadata"]["name"])

    def test_selectors_select_what_is_there(self):
        for name, documents in overlays():
            templates = [template["metadata"]["labels"] for _, template in pods(documents)]
            for document in documents:
                spec = document.get("spec", {})
                for key in ("selector", "podSelector"):
                    if document["kind"] in FOREIGN or not spec.get(key):
                        continue
                    with self.subTest(overlay=name, document=document["metadata"]["name"]):
                        self.assertTrue(any(matches(spec[key], labels) for labels in templates), spec[key])

    def test_a_service_monitor_finds_its_service_and_port(self):
        documents = build("overlays/cluster")
        monitor = next(document["spec"] for document in documents if document["kind"] == "ServiceMonitor")
        service = next(document for document in documents if document["kind"] == "Service" and
                       matches(monitor["selector"], document["metadata"]["labels"]))
        self.assertIn(monitor["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])

    def test_ports_of_services_and_policies_have_a_container(self):
        for _, documents in overlays():
            named = {port["name"]: port["containerPort"] for _, template in pods(documents)
                     for container in template["spec"]["containers"] for port in container.get("ports", [])}
            for document in documents:
                if document["kind"] == "Service":
                    for port in document["spec"]["ports"]:
                        self.assertEqual(named[port["targetPort"]], port["port"])
                if document["kind"] == "NetworkPolicy":
                    for rule in document["spec"].get("ingress", []) + document["spec"].get("egress", []):
                        for port in rule["ports"]:
                            self.assertTrue(port["port"] in (*named, 53), port)

    def test_there_is_never_a_second_coordinator(self):
        for _, documents in overlays():
            coordinator, = (one for one in workloads(documents) if one["metadata"]["name"] == "coordinator")
            self.assertEqual((coordinator["kind"], coordinator["spec"]["replicas"]), ("StatefulSet", 1))
            self.assertEqual(coordinator["spec"]["serviceName"], "coordinator")

    def test_volumes_are_mounted_and_mounts_have_volumes(self):
        for name, documents in overlays():
            for workload in workloads(documents):
                spec = workload["spec"]["template"]["spec"]
                volumes = {volume["name"] for volume in spec["volumes"]}
                volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
                mounts = {mount["name"] for container in spec["containers"] for mount in container["volumeMounts"]}
                self.assertEqual(volumes, mounts, f"{name}: {workload['metadata']['name']}")

    def test_every_container_is_confined(self):
        for name, documents in overlays():
            for pod_name, template in pods(documents):
                spec = template["spec"]
                with self.subTest(overlay=name, pod=pod_name):
                    self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                    self.assertEqual(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
                    self.assertFalse(spec["automountServiceAccountToken"])
                    for container in spec["containers"]:
                        context = container["securityContext"]
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertEqual(context["capabilities"]["drop"], ["ALL"])
                        self.assertIn("memory", container["resources"]["limits"])
                        self.assertIn("cpu", container["resources"]["requests"])
                        self.assertRegex(container["image"], r":[^:/]+$")
                        self.assertNotIn(":latest", container["image"])

    def test_nothing_passes_unless_named(self):
        for _, documents in overlays():
            closed = next(document["spec"] for document in documents
                          if document["metadata"]["name"] == "nothing-else")
            self.assertEqual(closed, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})

    def test_flags_are_those_of_the_programs(self):
        for name, documents in overlays():
            for pod_name, program in (("coordinator", "firstguess-coordinator"), ("worker", "firstguess-worker")):
                arguments = pod(documents, pod_name)["containers"][0]["args"]
                for argument in arguments:
                    self.assertRegex(argument, "^--[a-z]")
                flags = {argument.split("=")[0] for argument in arguments}
                self.assertEqual(unknown_flags(BIN / program, flags), set(), name)

    def test_without_certificates_only_where_it_says_so(self):
        for name, documents in overlays():
            for pod_name in ("coordinator", "worker"):
                spec = pod(documents, pod_name)
                arguments = " ".join(spec["containers"][0]["args"])
                secrets = [volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume]
                if name == "small":
                    self.assertIn("--insecure-network", arguments)
                    self.assertNotIn("--tls", arguments)
                    self.assertEqual(secrets, [])
                else:
                    self.assertNotIn("--insecure-network", arguments)
                    self.assertIn("--tls=/etc/firstguess/tls", arguments.split())
                    self.assertIn({"name": "tls", "mountPath": "/etc/firstguess/tls", "readOnly": True},
                                  spec["containers"][0]["volumeMounts"])
                    self.assertEqual(secrets, [f"firstguess-{pod_name}-tls"])

    def test_cert_manager_makes_the_secrets_that_are_mounted(self):
        documents = build("overlays/cluster")
        made = {document["spec"]["secretName"]: document for document in documents
                if document["kind"] == "Certificate"}
        issuers = {document["metadata"]["name"] for document in documents if document["kind"] == "Issuer"}
        for pod_name in ("coordinator", "worker"):
            self.assertIn(f"firstguess-{pod_name}-tls", made)
        for certificate in made.values():
            self.assertIn(certificate["spec"]["issuerRef"]["name"], issuers)
        self.assertIn("coordinator", made["firstguess-coordinator-tls"]["spec"]["dnsNames"])

    def test_cert_manager_gives_a_worker_the_role_that_our_own_authority_gives(self):
        certificate, = (document["spec"] for document in build("overlays/cluster")
                        if document["metadata"]["name"] == "worker" and document["kind"] == "Certificate")
        with tempfile.TemporaryDirectory(prefix="certificates") as folder:
            for command in (["init"], ["issue", "worker", "--role", "worker"]):
                subprocess.run([BIN / "firstguess", "certs", *command], cwd=folder, capture_output=True, check=True)
            text = subprocess.run(["openssl", "x509", "-in", "worker/tls.crt", "-noout", "-subject", "-ext",
                                   "subjectAltName,extendedKeyUsage"], cwd=folder, capture_output=True, text=True, check=True)
        self.assertEqual(certificate["uris"], re.findall(r"URI:(\S+)", text.stdout))
        self.assertRegex(text.stdout, f"CN ?= ?{certificate['commonName']}")
        self.assertIn("TLS Web Client Authentication", text.stdout)
        self.assertIn("client auth", certificate["usages"])

    def test_readiness_is_not_liveness(self):
        for _, documents in overlays():
            container = pod(documents, "coordinator")["containers"][0]
            commands = {probe: container[f"{probe}Probe"]["exec"]["command"]
                        for probe in ("startup", "liveness", "readiness")}
            self.assertIn("--live", commands["liveness"])
            self.assertNotIn("--live", commands["readiness"])
            for command in commands.values():
                self.assertEqual(command[:2], ["firstguess", "health"])
                flags = {word for word in command if word.startswith("--")}
                self.assertLessEqual(flags, flags_of(BIN / "firstguess", "health"))
                self.assertIn(f"--listen={command[-1]}", container["args"])

    def test_the_end_leaves_time_to_deliver(self):
        for _, documents in overlays():
            self.assertGreaterEqual(pod(documents, "coordinator")["terminationGracePeriodSeconds"], 30)
            self.assertGreaterEqual(pod(documents, "worker")["terminationGracePeriodSeconds"], 20)

    def test_a_gpu_is_a_limit_of_each_worker(self):
        for name in ("cluster", "batch"):
            container = pod(build(f"overlays/{name}"), "worker")["containers"][0]
            self.assertEqual(container["resources"]["limits"]["nvidia.com/gpu"], 1)
            self.assertIn("--device=cuda", container["args"])

    def test_the_job_s_pods_are_the_deployment_s(self):
        of_job = yaml.safe_load((KUBERNETES / "components/indexed-job/job.yaml").read_text(encoding="utf-8"))
        of_base = yaml.safe_load((KUBERNETES / "base/worker.yaml").read_text(encoding="utf-8"))
        self.assertEqual(of_job["spec"]["template"]["spec"].pop("restartPolicy"), "Never")
        self.assertEqual(of_job["spec"]["template"], of_base["spec"]["template"])
        kinds = [one["kind"] for one in workloads(build("overlays/batch"))]
        self.assertEqual(sorted(kinds), ["Job", "StatefulSet"])

    def test_the_chart_asks_for_what_the_overlays_ask_for(self):
        self.maxDiff = None
        small = render("tls.enabled=false", "worker.replicas=1", "storage.size=5Gi",
                       "coordinator.resources.requests.cpu=250m")
        self.assertEqual(specs(small), specs(build("overlays/small")))

    def test_the_chart_has_certificates_unless_told(self):
        documents = render()
        for pod_name in ("coordinator", "worker"):
            spec = pod(documents, pod_name)
            of_overlay = pod(build("overlays/cluster"), pod_name)
            self.assertIn("--tls=/etc/firstguess/tls", spec["containers"][0]["args"])
            for volume in spec["volumes"]:
                self.assertIn(volume, of_overlay["volumes"])

    def test_the_chart_takes_a_gpu(self):
        spec = pod(render("worker.device=cuda", "worker.resources.limits.nvidia\\.com/gpu=1",
                          "worker.flags={--data-dir=/data}"), "worker")
        container = spec["containers"][0]
        self.assertEqual(container["resources"]["limits"]["nvidia.com/gpu"], 1)
        self.assertIn("--device=cuda", container["args"])
        self.assertEqual(container["args"][-1], "--data-dir=/data")

    def test_the_proxy_hands_out_metrics_and_nothing_else(self):
        text = (KUBERNETES / "components/monitoring/nginx.conf").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"location (.*) \{", text), ["/", "= /metrics"])
        web, = re.findall(r"proxy_pass http://(.*)/metrics;", text)
        self.assertIn(f"--web={web}", pod(build("overlays/cluster"), "coordinator")["containers"][0]["args"])


if __name__ == "__main__":
    unittest.main()
