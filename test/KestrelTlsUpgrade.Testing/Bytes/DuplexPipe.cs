using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A transport of these two ends.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
