#include model.stan
