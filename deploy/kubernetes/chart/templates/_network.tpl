{{/* Flags that both programs have: certificates, or said to be without. */}}
{{- define "firstguess.network" -}}
{{- if .Values.tls.enabled -}}
- --tls-cert=/etc/firstguess/tls/tls.crt
- --tls-key=/etc/firstguess/tls/tls.key
- --tls-ca=/etc/firstguess/tls/ca.crt
{{- else -}}
- --insecure-network
{{- end -}}
{{- end -}}
