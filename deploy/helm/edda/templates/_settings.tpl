{{/* Settings by name: what the base has, what each server that is there adds, what `config` says. */}}
{{- define "edda.settings" -}}
{{- $settings := dict }}
{{- $_ := set $settings "EDDA_MODE" "production" }}
{{- $_ := set $settings "EDDA_HTTP_TRUSTED_PROXIES" "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16" }}
{{- if .Values.sqlite.enabled }}
{{- $_ := set $settings "EDDA_PAYMENT_SIMULATOR_IN_PRODUCTION" "true" }}
{{- if .Values.backup.enabled }}
{{- $_ := set $settings "EDDA_SQLITE_BACKUPS" "/var/lib/edda-backups" }}
{{- end }}
{{- end }}
{{- if .Values.postgres.enabled }}
{{- $_ := set $settings "DATABASE_HOST" "edda-postgres" }}
{{- $_ := set $settings "DATABASE_NAME" "edda" }}
{{- $_ := set $settings "DATABASE_USER" "edda" }}
{{- end }}
{{- if .Values.redis.enabled }}
{{- $_ := set $settings "REDIS_HOST" "edda-redis" }}
{{- end }}
{{- if .Values.kafka.enabled }}
{{- $_ := set $settings "KAFKA_BROKER" "edda-kafka:9092" }}
{{- end }}
{{- if .Values.paysim.enabled }}
{{- $_ := set $settings "PAYMENT_GATEWAY_URL" "http://edda-paysim:4000" }}
{{- end }}
{{- if .Values.tracing.endpoint }}
{{- $_ := set $settings "OTEL_EXPORTER_OTLP_ENDPOINT" .Values.tracing.endpoint }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{- $_ := set $settings $name (toString $value) }}
{{- end }}
{{- toYaml $settings }}
{{- end }}
