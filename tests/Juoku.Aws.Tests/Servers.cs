using Juoku.Tests.Servers;

[assembly: AssemblyFixture(typeof(CephFixture)), AssemblyFixture(typeof(FauxqsFixture))]
