{{/* Flags that both programs have: certificates, or said to be without. */}}
{{- define "firstguess.network" -}}
{{- if .Values.tls.enabled -}}
- --tls=/etc/firstguess/tls
{{- else -}}
- --insecure-network
{{- end -}}
{{- end -}}
