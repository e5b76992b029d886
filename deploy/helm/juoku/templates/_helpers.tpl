{{/* What the chart's objects are called: the release's name, and the component behind it. */}}
{{- define "juoku.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What never changes of an object, and so may select it. Of (list $ "component"). */}}
{{- define "juoku.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "juoku.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{ include "juoku.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- end -}}

{{- define "juoku.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}{{ else }}{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{/* Name of the service account of (list $ "worker"). */}}
{{- define "juoku.serviceAccount" -}}
{{- $root := index . 0 -}}
{{- $account := index $root.Values.serviceAccounts (index . 1) -}}
{{- $own := printf "%s-%s" (include "juoku.fullname" $root) (index . 1) -}}
{{- if $account.create }}{{ default $own $account.name }}{{ else }}{{ default "default" $account.name }}{{ end -}}
{{- end -}}

{{/* juoku.yaml, as it is. */}}
{{- define "juoku.config" -}}
{{- range $key := list "store" "queue" -}}
{{- if not (index $.Values.config $key) -}}
{{- fail (printf "config.%s: set the %s that all pods use, such as %s; see values-prod.yaml" $key $key (ternary "s3://bucket" "sqs://queue" (eq $key "store"))) -}}
{{- end -}}
{{- end -}}
{{- toYaml .Values.config -}}
{{- end -}}

{{/* A pod that is made anew when what it reads at its start has changed. */}}
{{- define "juoku.podMetadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "juoku.labels" . | nindent 2 }}
  {{- with $root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include "juoku.config" $root | sha256sum }}
{{- end -}}

{{/* Where the pods of a life cycle run. Of (list $ "inference"). */}}
{{- define "juoku.lifecycle" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $cycle := index $root.Values.lifecycles $name -}}
{{- if $cycle.priorityClassName }}
priorityClassName: {{ $cycle.priorityClassName }}
{{- else if not (kindIs "invalid" $cycle.priority) }}
priorityClassName: {{ include "juoku.priorityClass" . }}
{{- end }}
{{- with $cycle.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $cycle.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Cluster-wide, so the namespace is part of it. */}}
{{- define "juoku.priorityClass" -}}
{{- $root := index . 0 -}}
{{ $root.Release.Namespace }}-{{ include "juoku.fullname" $root }}-{{ index . 1 }}
{{- end -}}

{{/* Life cycles that some pod of this release has, as a JSON list. */}}
{{- define "juoku.usedLifecycles" -}}
{{- $used := list .Values.worker.lifecycle -}}
{{- if eq .Values.autoscaling.mode "controller" }}{{ $used = append $used .Values.controller.lifecycle }}{{ end -}}
{{- if eq .Values.autoscaling.mode "keda" }}{{ $used = append $used .Values.keda.lifecycle }}{{ end -}}
{{- if .Values.features.enabled }}{{ $used = append $used .Values.features.lifecycle }}{{ end -}}
{{- if .Values.training.enabled }}{{ $used = append $used .Values.training.lifecycle }}{{ end -}}
{{- if .Values.standingRun.enabled }}{{ $used = append $used "system" }}{{ end -}}
{{- $used | uniq | sortAlpha | toJson -}}
{{- end -}}

{{- define "juoku.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* What every container has. Of (list $ resources). */}}
{{- define "juoku.container" -}}
{{- $root := index . 0 -}}
image: {{ include "juoku.image" $root }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  - {name: JUOKU_CONFIG, value: /etc/juoku/juoku.yaml}
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  - name: POD_NAMESPACE
    valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
  {{- with $root.Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $root.Values.existingSecret }}
envFrom:
  - secretRef: {name: {{ . }}}
{{- end }}
resources:
  {{- toYaml (index . 1) | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/juoku, readOnly: true}
  - {name: tmp, mountPath: /tmp}
  {{- with $root.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The volumes behind them. Of (list $ size-of-tmp). */}}
{{- define "juoku.volumes" -}}
{{- $root := index . 0 -}}
- name: config
  configMap: {name: {{ include "juoku.fullname" $root }}-config}
- name: tmp
  emptyDir: {sizeLimit: {{ index . 1 }}}
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
When a Job is not to try again: at exit codes that another try does not mend. Of (list 2 3 4): usage, bad input, not found. A pod that was
evicted tells nothing of its work, and does not count.
*/}}
{{- define "juoku.podFailurePolicy" -}}
rules:
  - action: Ignore
    onPodConditions:
      - {type: DisruptionTarget, status: "True"}
  - action: FailJob
    onExitCodes: {operator: In, values: [{{ join ", " . }}]}
{{- end -}}

{{/* Probes of a program that runs until it is told to stop. */}}
{{- define "juoku.probes" -}}
ports:
  - {name: metrics, containerPort: 9464}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
{{- end -}}

{{- define "juoku.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
