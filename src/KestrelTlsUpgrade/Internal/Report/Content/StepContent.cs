namespace KestrelTlsUpgrade.Internal.Report.Content;

internal sealed record StepContent(DateTimeOffset From, RequestsContent Requests, ConnectionsContent Connections);
