#!/usr/bin/env python3
"""The manifests before a real API server: api_server.py --programs FOLDER [--api-server PROGRAM] [--etcd PROGRAM]

Runs etcd and kube-apiserver on loopback, gives it every overlay and looks at what it says; nothing else of a cluster
is there, so nothing starts. Without --api-server it is built from its Go module beside this (api_server/), which takes
minutes. By hand, as no registry has the program.
"""

import argparse
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

KUBERNETES = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
MODULE = Path(__file__).resolve().parent / "api_server"
TOKEN = "loopback-only"
PATIENCE_SECONDS = 120
# Kinds of operators, for which the server must be told that they exist.
FOREIGN = (("cert-manager.io", "v1", "Certificate"), ("cert-manager.io", "v1", "Issuer"),
           ("monitoring.coreos.com", "v1", "ServiceMonitor"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def definition(group, version, kind):
    """A CustomResourceDefinition that takes whatever is in such a document."""
    names = {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower()}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{names['plural']}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": names,
                     "versions": [{"name": version, "served": True, "storage": True, "schema": schema}]}}


class Cluster:
    """An API server with its etcd, in a folder."""

    def __init__(self, folder, api_server, etcd, kubectl, exits):
        self.folder = folder
        self.kubectl = kubectl
        client, peer, port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{port}"
        self.start(exits, "etcd", etcd, f"--data-dir={folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{client}",
                   f"--advertise-client-urls=http://127.0.0.1:{client}", f"--listen-peer-urls=http://127.0.0.1:{peer}")
        subprocess.run(["openssl", "genrsa", "-out", f"{folder}/accounts.key", "2048"], check=True, capture_output=True)
        (folder / "tokens").write_text(f"{TOKEN},tester,tester,system:masters\n", encoding="utf-8")
        self.server = self.start(
            exits, "kube-apiserver", api_server, f"--etcd-servers=http://127.0.0.1:{client}", "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder}/certificates", "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder}/accounts.key", f"--service-account-signing-key-file={folder}/accounts.key",
            f"--token-auth-file={folder}/tokens")
        self.await_ready()

    def start(self, exits, name, *command):
        log = exits.enter_context(open(self.folder / f"{name}.log", "w", encoding="utf-8"))
        process = subprocess.Popen(command, stdout=log, stderr=log)
        exits.callback(process.wait)
        exits.callback(process.kill)
        return process

    def await_ready(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while self.ask("get", "--raw", "/readyz").returncode != 0:
            if self.server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"kube-apiserver is not ready:\n{(self.folder / 'kube-apiserver.log').read_text()[-4000:]}")
            time.sleep(0.5)
        # It makes this namespace itself, a little later.
        while self.ask("get", "namespace", "default").returncode != 0:
            time.sleep(0.5)

    def ask(self, *words, text=None):
        return subprocess.run([self.kubectl, f"--server={self.url}", "--insecure-skip-tls-verify", f"--token={TOKEN}", *words],
                              input=text, capture_output=True, text=True, check=False,
                              env=dict(os.environ, KUBECONFIG=str(self.folder / "none"), HOME=str(self.folder)))

    def apply(self, documents, *words):
        text = yaml.safe_dump_all(documents)
        return self.ask("apply", "--validate=strict", *words, "-f", "-", text=text)


def build(folder):
    major, minor, patch = re.search(r"k8s\.io/kubernetes v(\d+)\.(\d+)\.(\d+)", (MODULE / "go.mod").read_text(encoding="utf-8")).groups()
    # It asks itself for its version, which the linker writes.
    known = {"gitVersion": f"v{major}.{minor}.{patch}", "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in known.items())
    subprocess.run(["go", "build", "-C", MODULE, "-ldflags", flags, "-o", folder / "kube-apiserver",
                    "k8s.io/kubernetes/cmd/kube-apiserver"], check=True)
    return folder / "kube-apiserver"


def expect(condition, done):
    if not condition:
        raise SystemExit(done.stdout + done.stderr)


def pods_of(documents):
    for document in documents:
        if document["kind"] in ("StatefulSet", "Deployment", "Job"):
            template = document["spec"]["template"]
            spec = dict(template["spec"])
            # A claim has its volume from the StatefulSet.
            claims = [claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])]
            spec["volumes"] = spec["volumes"] + [{"name": name, "emptyDir": {}} for name in claims]
            yield {"apiVersion": "v1", "kind": "Pod", "spec": spec,
                   "metadata": {"name": document["metadata"]["name"], "namespace": "firstguess", "labels": template["metadata"]["labels"]}}


def check_overlay(cluster, name):
    built = subprocess.run([cluster.kubectl, "kustomize", KUBERNETES / "overlays" / name], capture_output=True, text=True, check=True)
    documents = list(yaml.safe_load_all(built.stdout))
    done = cluster.apply(documents)
    expect(done.returncode == 0 and "Warning" not in done.stderr, done)
    expect(len(done.stdout.splitlines()) == len(documents), done)
    again = cluster.ask("diff", "-f", "-", text=yaml.safe_dump_all(documents))
    expect(again.returncode == 0, again)
    # No controller makes pods here: they are shown to the server as one would.
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "firstguess"}}
    done = cluster.apply([account])
    expect(done.returncode == 0, done)
    pods = list(pods_of(documents))
    for pod in pods:
        done = cluster.apply([pod], "--dry-run=server")
        expect(done.returncode == 0 and "Warning" not in done.stderr, done)
    # The namespace is as closed as it says.
    pods[0]["spec"]["securityContext"] = {"runAsUser": 0}
    done = cluster.apply(pods[:1], "--dry-run=server")
    expect(done.returncode != 0 and "violates PodSecurity" in done.stderr, done)
    print(f"{name}: {len(documents)} documents and {len(pods)} pods are taken, the same again is unchanged, a pod of root's is refused")
    done = cluster.ask("delete", "deployments,jobs,statefulsets", "--all", "--namespace=firstguess", "--wait=false")
    expect(done.returncode == 0, done)


def check_misspelling(cluster):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"prots": []}}
    done = cluster.apply([service])
    expect(done.returncode != 0 and "unknown field" in done.stderr, done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True, help="a folder with kubectl")
    parser.add_argument("--api-server", type=Path)
    parser.add_argument("--etcd", default="etcd", help="Debian's package etcd-server has it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="api-server") as name, contextlib.ExitStack() as exits:
        folder = Path(name)
        api_server = arguments.api_server
        if api_server is None:
            api_server = build(folder)
        cluster = Cluster(folder, api_server, arguments.etcd, arguments.programs / "kubectl", exits)
        done = cluster.apply([definition(*kind) for kind in FOREIGN])
        expect(done.returncode == 0, done)
        done = cluster.ask("wait", "--for=condition=Established", "crd", "--all", f"--timeout={PATIENCE_SECONDS}s")
        expect(done.returncode == 0, done)
        check_misspelling(cluster)
        for overlay in sorted(path.name for path in (KUBERNETES / "overlays").iterdir()):
            check_overlay(cluster, overlay)
        print(cluster.ask("version").stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
